using System.Security.Cryptography;
using System.Text;

namespace Wasmrun.Runtimes.Python;

/// <summary>The Python modules that fit the interpreter to the sandbox, written from this assembly into a folder.</summary>
internal static class PythonGuestFiles
{
    private const string Prefix = "Wasmrun.Runtimes.Python.guest/";

    /// <summary>Writes the files into a folder that is named for their content, unless it is there.</summary>
    /// <returns>The folder.</returns>
    public static string Write(string parent)
    {
        var assembly = typeof(PythonGuestFiles).Assembly;
        var files = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => (Name: name[Prefix.Length..], Text: Read(assembly.GetManifestResourceStream(name)!)))
            .ToList();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => file.Name + file.Text)))));
        var folder = Path.Combine(parent, $"python-{hash[..16]}");
        if (Directory.Exists(folder))
        {
            return folder;
        }

        var partial = Directory.CreateDirectory($"{folder}.{Guid.NewGuid():N}").FullName;
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(partial, name), text);
        }

        try
        {
            Directory.Move(partial, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another process was faster, with the same files.
            Directory.Delete(partial, recursive: true);
        }

        return folder;
    }

    private static string Read(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
