using Wasmrun.Runtimes.Packages;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node;

/// <summary>Node.js for guests: the engine's module and the packages that the core modules stand on, fetched on first use.</summary>
/// <param name="packageFolder">Where runtime packages are kept.</param>
/// <param name="environment">Of the runner's process; it may name the registry.</param>
internal sealed class NodeRuntime(SandboxEngine engine, string packageFolder, IReadOnlyDictionary<string, string> environment) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client = new() { Timeout = _patience };

    /// <summary>The engine, compiled, and the libraries.</summary>
    /// <exception cref="PackageFetchException">A package cannot be had.</exception>
    /// <exception cref="ModuleLoadException">The engine cannot be loaded.</exception>
    public async Task<(CompiledModule Engine, NodeLibraries Libraries)> LoadAsync(CancellationToken token)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var store = new PackageStore(packageFolder, NpmSettings.FindRegistry(environment, home), _client);
        var quickJs = await store.GetAsync(RuntimeLock.QuickJs, token);
        var streams = await store.GetAsync(RuntimeLock.ReadableStream, token);
        var module = await engine.LoadLibraryAsync(Path.Combine(quickJs, "quickjs.wasm"), token);
        return (module, new(new Dictionary<string, string>(StringComparer.Ordinal) { ["readable-stream"] = streams }));
    }

    public void Dispose() => _client.Dispose();
}
