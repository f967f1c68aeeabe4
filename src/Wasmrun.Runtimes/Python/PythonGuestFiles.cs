using System.Security.Cryptography;
using System.Text;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes.Python;

/// <summary>The Python modules that fit the interpreter to the sandbox, written from this assembly into a folder.</summary>
internal static class PythonGuestFiles
{
    private const string Prefix = "Wasmrun.Runtimes.Python.guest/";

    private static readonly Lazy<IReadOnlyList<(string Name, string Text)>> _files = new(ReadAll);
    private static readonly Lazy<string> _hash = new(() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(_files.Value.Select(file => file.Name + file.Text))))));

    /// <summary>Writes the files into a folder that is named for their content, unless it is there.</summary>
    /// <returns>The folder.</returns>
    public static string Write(string parent)
    {
        var folder = Path.Combine(parent, $"python-{_hash.Value[..16]}");
        if (Directory.Exists(folder))
        {
            return folder;
        }

        CacheEntry.Make("what fits Python to the sandbox", folder, _files.Value.Sum(static file => (long)file.Text.Length), partial =>
        {
            Directory.CreateDirectory(partial);
            foreach (var (name, text) in _files.Value)
            {
                File.WriteAllText(Path.Combine(partial, name), text);
            }
        });
        return folder;
    }

    private static List<(string Name, string Text)> ReadAll()
    {
        var assembly = typeof(PythonGuestFiles).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => (name[Prefix.Length..], Read(assembly.GetManifestResourceStream(name)!))),
        ];
    }

    private static string Read(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
