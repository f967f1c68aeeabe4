using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Engine;
using Wasmrun.Sandbox.Modules;

namespace Wasmrun.Sandbox;

/// <summary>
/// The one WebAssembly engine of a process: compiles modules, keeps compiled code, and makes instances of it. Safe to use
/// from any thread.
/// </summary>
public sealed class SandboxEngine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<SandboxInstance> _running = [];
    private readonly ModuleStore _modules;
    private readonly MemoryReturn _memory;
    private readonly Lazy<(Wasmtime.Engine Engine, ModuleStore Modules)> _stopping;
    private bool _disposed;

    public SandboxEngine(SandboxEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Time = options.Time;
        Native = EngineSettings.CreateEngine();
        Clock = new(Native, Time);
        _memory = new(Time);
        _modules = Store(Native, Interruption.ByEpoch);
        _stopping = new(() => EngineSettings.CreateEngine(Interruption.ByStopFlag) is var engine ? (engine, Store(engine, Interruption.ByStopFlag)) : default);

        ModuleStore Store(Wasmtime.Engine engine, Interruption interruption) =>
            new(engine, interruption, new CodeCache(options.CacheDirectory, options.CacheBytes, Time, options.Warn, interruption));
    }

    internal Wasmtime.Engine Native { get; }

    internal EpochClock Clock { get; }

    internal TimeProvider Time { get; }

    /// <summary>Loads a module, binary (.wasm) or text (.wat), from the cache where possible.</summary>
    /// <exception cref="ModuleLoadException">The file cannot be run here; the message says why and what to do.</exception>
    public Task<CompiledModule> LoadAsync(string path, CancellationToken token) => LoadAsync(path, isProgram: true, token);

    /// <summary>
    /// Loads a module whose content is known: where its compiled code is kept, the file is not read, which takes an interpreter a good part of its start.
    /// </summary>
    /// <param name="contentHash">SHA-256 of what the file has to hold, in hexadecimal.</param>
    /// <exception cref="ModuleLoadException">The file holds something else, or cannot be run here.</exception>
    public Task<CompiledModule> LoadKnownAsync(string path, string contentHash, CancellationToken token) =>
        LoadKnownAsync(path, contentHash, _modules, isProgram: true, isAside: false, token);

    /// <summary>
    /// Loads a module for a driver: it needs no start function, and imports that are not of the system are what its driver
    /// defines.
    /// </summary>
    /// <exception cref="ModuleLoadException">The file cannot be run here; the message says why and what to do.</exception>
    public Task<CompiledModule> LoadLibraryAsync(string path, CancellationToken token) => LoadAsync(path, isProgram: false, token);

    /// <summary>As <see cref="LoadLibraryAsync"/>, with a module whose content is known, as for <see cref="LoadKnownAsync(string, string, CancellationToken)"/>.</summary>
    /// <param name="contentHash">SHA-256 of what the file has to hold, in hexadecimal.</param>
    /// <exception cref="ModuleLoadException">The file holds something else, or cannot be run here.</exception>
    public Task<CompiledModule> LoadKnownLibraryAsync(string path, string contentHash, CancellationToken token) =>
        LoadKnownAsync(path, contentHash, _modules, isProgram: false, isAside: false, token);

    /// <summary>As <see cref="LoadKnownLibraryAsync"/>, with a module that looks by itself whether it is to stop (<see cref="StopFlag"/>).</summary>
    /// <param name="contentHash">SHA-256 of what the file has to hold, in hexadecimal.</param>
    /// <exception cref="ModuleLoadException">The file holds something else, or cannot be run here.</exception>
    public Task<CompiledModule> LoadStoppingLibraryAsync(string path, string contentHash, CancellationToken token) =>
        LoadKnownAsync(path, contentHash, _stopping.Value.Modules, isProgram: false, isAside: false, token);

    /// <summary>As <see cref="LoadKnownLibraryAsync"/>, but the compiler leaves all processors but one to others.</summary>
    /// <param name="contentHash">SHA-256 of what the file has to hold, in hexadecimal.</param>
    /// <exception cref="ModuleLoadException">The file holds something else, or cannot be run here.</exception>
    public Task<CompiledModule> LoadKnownLibraryAsideAsync(string path, string contentHash, CancellationToken token) =>
        LoadKnownAsync(path, contentHash, _modules, isProgram: false, isAside: true, token);

    /// <summary>Whether the compiled code of a module is kept, as far as can be told without reading it.</summary>
    /// <param name="contentHash">SHA-256 of the module, in hexadecimal.</param>
    public bool Keeps(string contentHash) => _modules.Keeps(Convert.FromHexString(contentHash));

    /// <summary>Makes an instance; nothing runs until it is started.</summary>
    public SandboxInstance Create(CompiledModule module, InstanceOptions options)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(options);
        return new(module, this, options);
    }

    /// <summary>
    /// Uses a library's functions on a guest's thread, in memory of its own that is gone afterwards: no files, no network, one minute at most.
    /// </summary>
    /// <param name="stop">Of the guest that waits for it.</param>
    /// <param name="memoryLimit">In bytes, beside a bound that all have.</param>
    /// <param name="define">Defines what the module imports; what it leaves out fails when it is called.</param>
    /// <exception cref="Wasmtime.WasmtimeException">The module trapped, a function of the host threw, or the guest was told to stop.</exception>
    public T Compute<T>(CompiledModule module, StopSignal stop, long? memoryLimit, Action<Wasmtime.Linker> define, Func<Wasmtime.Store, Wasmtime.Instance, T> work)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(stop);
        return new Computation(this, module.Code, stop, memoryLimit).Run(define, work);
    }

    /// <summary>Stops every instance that still runs, and waits for its end.</summary>
    public void Dispose()
    {
        SandboxInstance[] running;
        lock (_gate)
        {
            _disposed = true;
            running = [.. _running];
        }

        foreach (var instance in running)
        {
            instance.Stop();
        }

        foreach (var instance in running)
        {
            instance.Join();
        }

        _memory.Dispose();
        Clock.Dispose();
        Native.Dispose();
        if (_stopping.IsValueCreated)
        {
            _stopping.Value.Engine.Dispose();
        }
    }

    /// <summary>From now on the instance runs, and the engine may not go.</summary>
    internal void Enter(SandboxInstance instance)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _running.Add(instance);
        }
    }

    internal void Leave(SandboxInstance instance)
    {
        lock (_gate)
        {
            _running.Remove(instance);
            _memory.NoteEnd(_running.Count, instance.TemporaryBytes);
        }
    }

    private Task<CompiledModule> LoadKnownAsync(string path, string contentHash, ModuleStore modules, bool isProgram, bool isAside, CancellationToken token)
    {
        var hash = Convert.FromHexString(contentHash);
        return LoadAsync(path, file => modules.GetAsync(hash, () => ModuleFile.ReadKnownAsync(file, hash), isProgram, isAside, token));
    }

    private Task<CompiledModule> LoadAsync(string path, bool isProgram, CancellationToken token) =>
        LoadAsync(path, async file => await _modules.GetAsync(await ModuleFile.ReadAsync(file, token), isProgram, token));

    private async Task<CompiledModule> LoadAsync(string path, Func<string, Task<ModuleCode>> load)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var file = Path.GetFullPath(path);
        try
        {
            return new(file, await load(file));
        }
        catch (ModuleProblemException e)
        {
            throw e.Problem.In(path, e);
        }
    }
}
