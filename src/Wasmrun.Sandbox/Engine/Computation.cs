using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Modules;
using Wasmtime;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Uses a module for nothing but its functions: on the caller's thread, without files, network or any other part of a system, bounded in memory
/// and time. What one computation leaves in memory no other sees.
/// </summary>
internal sealed class Computation(SandboxEngine engine, ModuleCode code, StopSignal stop, long? memoryLimit)
{
    private const long MostMemoryBytes = 1L << 30;
    private const int Tables = 16;
    private const uint TableElements = 1_000_000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Makes an instance, and works with it.</summary>
    /// <exception cref="TimeoutException">It took too long; wrapped by the engine.</exception>
    /// <exception cref="GuestStoppedException">The guest was told to stop; wrapped by the engine.</exception>
    public T Run<T>(Action<Linker> define, Func<Store, Instance, T> work)
    {
        using var store = new Store(engine.Native);
        store.SetLimits(Math.Min(MostMemoryBytes, memoryLimit ?? MostMemoryBytes), TableElements, instances: 1, Tables, memories: 1);
        store.SetEpochDeadline(1);
        var started = engine.Time.GetTimestamp();
        store.SetEpochDeadlineCallback(_ =>
        {
            stop.ThrowIfRequested();
            return engine.Time.GetElapsedTime(started) < _patience ? 1UL : throw new TimeoutException($"'{code.ContentHash}' took too long");
        });
        engine.Clock.Acquire();
        try
        {
            using var linker = new Linker(engine.Native) { AllowShadowing = true };
            foreach (var import in code.Module.Imports.OfType<FunctionImport>())
            {
                linker.Define(import.ModuleName, import.Name, Function.FromCallback(
                    store,
                    (_, _, _) => throw new InvalidOperationException($"the host has no function '{import.ModuleName}.{import.Name}'"),
                    import.Parameters,
                    import.Results));
            }

            define(linker);
            return work(store, linker.Instantiate(store, code.Module));
        }
        finally
        {
            engine.Clock.Release();
        }
    }
}
