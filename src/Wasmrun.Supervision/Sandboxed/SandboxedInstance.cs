using Wasmrun.Network;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>A guest in the sandbox, with the network namespace that is its own.</summary>
internal sealed class SandboxedInstance(SandboxStackHost stack, SandboxInstance guest, NetworkNamespace network) : IInstance
{
    public string Name => guest.Name;

    public Task<InstanceExit> Completion => guest.Completion;

    public IReadOnlyList<GuestPort> Listening =>
        [.. network.Listening.Select(port => new GuestPort(port.Port, Transport.From(port.Protocol))).Distinct()];

    public void Start() => guest.Start();

    public void Stop() => guest.Stop();

    public async ValueTask DisposeAsync()
    {
        await guest.DisposeAsync();
        network.Dispose();
        stack.Remove(this, network);
    }
}
