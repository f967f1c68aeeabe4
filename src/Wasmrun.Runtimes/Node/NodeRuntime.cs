using Wasmrun.Runtimes.Node.Baking;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node;

/// <summary>Node.js for guests: the engine's module and the packages that the core modules stand on, fetched on first use.</summary>
internal sealed class NodeRuntime(SandboxEngine engine, RuntimeOptions options)
{
    private readonly Lock _gate = new();
    private BootImage? _boot;
    private ProjectImages? _images;

    /// <summary>The engine, compiled, the libraries, and what there is of engines that have booted with them.</summary>
    /// <param name="projectFolder">The project that they are for, whose settings of npm count; or null.</param>
    /// <exception cref="PackageFetchException">A package cannot be had.</exception>
    /// <exception cref="ModuleLoadException">The engine cannot be loaded.</exception>
    public async Task<(CompiledModule Engine, NodeLibraries Libraries, BootImage Boot, ProjectImages Images)> LoadAsync(string? projectFolder, CancellationToken token)
    {
        var quickJs = await RuntimePackages.GetAsync(RuntimeLock.QuickJs, options, projectFolder, token);
        var streams = await RuntimePackages.GetAsync(RuntimeLock.ReadableStream, options, projectFolder, token);
        var prepared = EngineModule.Prepare(Path.Combine(quickJs, "quickjs.wasm"), options.InterpreterFolder, Path.GetFileName(quickJs));
        var module = await engine.LoadStoppingLibraryAsync(prepared, EngineModule.Hash, token);
        lock (_gate)
        {
            _boot ??= new(options, module.ContentHash, RuntimeLock.ReadableStream.Integrity);
            _images ??= new(options, module.ContentHash, RuntimeLock.ReadableStream.Integrity);
            return (module, new(new Dictionary<string, string>(StringComparer.Ordinal) { ["readable-stream"] = streams }), _boot, _images);
        }
    }
}
