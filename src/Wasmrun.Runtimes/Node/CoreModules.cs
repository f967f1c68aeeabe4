using System.Collections.Concurrent;
using System.Text;

namespace Wasmrun.Runtimes.Node;

/// <summary>The sources of Node's core modules, which are part of the program.</summary>
internal static class CoreModules
{
    private const string Prefix = "Wasmrun.Runtimes.Node.js/";
    private static readonly ConcurrentDictionary<string, byte[]?> _sources = new(StringComparer.Ordinal);

    /// <summary>The source of a module in UTF-8, such as <c>stream/promises</c>; null when there is none of that name.</summary>
    public static byte[]? Find(string name) => _sources.GetOrAdd(name, Load);

    private static byte[]? Load(string name)
    {
        using var stream = typeof(CoreModules).Assembly.GetManifestResourceStream($"{Prefix}{name}.js");
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Encoding.UTF8.GetBytes(reader.ReadToEnd());
    }
}
