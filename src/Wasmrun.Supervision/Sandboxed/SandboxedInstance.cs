using Wasmrun.Manifest.Specs;
using Wasmrun.Network;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>A guest in the sandbox, with the network namespace that is its own.</summary>
/// <param name="spare">What it was until it was needed; null for one that is made to be started now.</param>
internal sealed class SandboxedInstance(
    SandboxStackHost stack, string name, SandboxInstance guest, NetworkNamespace network, Preparation preparation, SpareInstance? spare = null) : IInstance
{
    public string Name => name;

    public NetworkNamespace Network => network;

    public Task Begun => guest.Begun;

    public Task<InstanceExit> Completion => guest.Completion;

    public IReadOnlyList<GuestPort> Listening =>
        [.. network.Listening.Select(port => new GuestPort(port.Port, Transport.From(port.Protocol))).Distinct()];

    public int Clients => network.Clients;

    public bool IsTerminable => guest.IsTerminable;

    public void TakeClients()
    {
        if (network.StartAccepting() is not Errno.None and var error)
        {
            throw new IOException($"the new instance cannot take clients: {error}");
        }
    }

    public void LeaveClients() => network.StopAccepting();

    public void EndIdleClients(TimeSpan quiet, bool andLocal) => network.EndIdleClients(quiet, andLocal);

    public Stream? TryConnect(int port) => network.TryConnect(port, out var connection) == Errno.None ? connection : null;

    public InstanceUsage Usage => new(guest.ProcessorTime, guest.MemoryBytes);

    public void Adjust(LimitsSpec limits) => guest.Adjust(InstanceTranslation.Limits(limits));

    public void Start()
    {
        if (spare is null)
        {
            guest.Start();
        }
        else
        {
            spare.Release();
        }
    }

    public void Terminate() => guest.Terminate();

    public void Stop() => guest.Stop();

    public async ValueTask DisposeAsync()
    {
        await guest.DisposeAsync();
        await preparation.DisposeAsync();
        network.Dispose();
        if (spare is not null)
        {
            await spare.DisposeAsync();
        }

        stack.Remove(this, network);
    }
}
