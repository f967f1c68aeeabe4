using System.Security.Cryptography;
using System.Text;
using Wasmrun.Runtimes.Packages.Keeping;

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

        CacheEntry.Make("what fits Python to the sandbox", folder, files.Sum(static file => (long)file.Text.Length), partial =>
        {
            Directory.CreateDirectory(partial);
            foreach (var (name, text) in files)
            {
                File.WriteAllText(Path.Combine(partial, name), text);
            }
        });
        return folder;
    }

    private static string Read(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
