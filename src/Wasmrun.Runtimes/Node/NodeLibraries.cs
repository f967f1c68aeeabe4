using System.Collections.Concurrent;

namespace Wasmrun.Runtimes.Node;

/// <summary>Packages that the core modules are built on: read from the cache of runtime packages, which the guest cannot reach.</summary>
/// <param name="folders">Where each package lies on the host, by its name.</param>
internal sealed class NodeLibraries(IReadOnlyDictionary<string, string> folders)
{
    private readonly ConcurrentDictionary<string, byte[]?> _sources = new(StringComparer.Ordinal);

    /// <summary>The source of a file such as <c>readable-stream/lib/stream.js</c>, null when there is none.</summary>
    public byte[]? Find(string path) => _sources.GetOrAdd(path, Load);

    private byte[]? Load(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !folders.TryGetValue(path[..slash], out var folder) || path.Contains("..", StringComparison.Ordinal))
        {
            return null;
        }

        var file = Path.Combine(folder, path[(slash + 1)..]);
        return File.Exists(file) ? File.ReadAllBytes(file) : null;
    }
}
