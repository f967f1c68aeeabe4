using System.Diagnostics;
using Wasmrun.Network;
using Wasmrun.Sandbox;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>One running guest that nobody asks anything.</summary>
internal sealed class IdleGuest(ServiceNetwork service, NetworkNamespace network, SandboxInstance instance, double startMicroseconds) : IAsyncDisposable
{
    /// <summary>From nothing until it listens.</summary>
    public double StartMicroseconds => startMicroseconds;

    public static async Task<IdleGuest> StartAsync(
        SandboxEngine engine, StackNetwork stack, ListeningObserver observer, string name, Func<string, NetworkNamespace, InstanceOptions> options, CompiledModule module)
    {
        var service = stack.AddService(new ServiceNetworkOptions { Name = name });
        var listening = observer.Next();
        var clock = Stopwatch.StartNew();
        var network = service.CreateNamespace();
        var instance = engine.Create(module, options(name, network));
        instance.Start();

        // This thread itself is woken, as the one is that started a native process.
        _ = Task.WaitAny(listening, instance.Completion);
        var elapsed = clock.Elapsed;
        return listening.IsCompleted
            ? new IdleGuest(service, network, instance, elapsed.TotalMicroseconds)
            : throw new InvalidOperationException($"the guest ended before it listened: {await instance.Completion}");
    }

    public async ValueTask DisposeAsync()
    {
        await instance.DisposeAsync();
        network.Dispose();
        service.Dispose();
    }
}
