using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox;

/// <summary>
/// A part of a program that not all need: it is loaded, and compiled if need be, when an instance calls one of its functions for the first time. The
/// program's module has it in mind, see <see cref="Engine.FarLink"/>. All instances of a program share one of these. Safe to use from any thread.
/// </summary>
/// <param name="load">Loads the part; asked again after it has failed.</param>
public sealed class FarCode(Func<Task<CompiledModule>> load)
{
    private readonly Lock _gate = new();
    private Task<CompiledModule>? _loading;

    /// <summary>Begins to load the part, for those that will call it, and returns at once. One that cannot be loaded is tried again when it is called.</summary>
    public void LoadAhead()
    {
        lock (_gate)
        {
            if (_loading is null or { IsFaulted: true })
            {
                _loading = Task.Run(load);
            }
        }
    }

    /// <summary>Blocks the guest's thread until the part is loaded: up to seconds, when it has to be compiled.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop; the loading goes on for others.</exception>
    /// <exception cref="ModuleLoadException">It cannot be loaded.</exception>
    /// <exception cref="IOException">The system does not let it wait.</exception>
    public CompiledModule Load(StopSignal stop)
    {
        ArgumentNullException.ThrowIfNull(stop);
        var loading = Begin();
        if (!loading.IsCompleted)
        {
            using var done = new StartSignal();
            loading.GetAwaiter().UnsafeOnCompleted(done.Release);
            done.Wait(stop);
        }

        return loading.GetAwaiter().GetResult();
    }

    private Task<CompiledModule> Begin()
    {
        lock (_gate)
        {
            LoadAhead();
            return _loading!;
        }
    }
}
