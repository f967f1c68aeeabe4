using Wasmrun.Network;
using Wasmrun.Network.Forwards;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>A service's place on the stack's real network.</summary>
internal sealed class SandboxServiceHost(SandboxStackHost stack, ServiceNetwork network) : IServiceHost
{
    private readonly Lock _gate = new();
    private IReadOnlyList<HeldForward> _forwards = [];

    public ServiceNetwork Network => network;

    public SpareKeeper Spares { get; } = new();

    public int WaitingClients => network.WaitingClients;

    public IReadOnlyList<HeldForward> Forwards
    {
        get
        {
            lock (_gate)
            {
                return _forwards;
            }
        }
    }

    public void SetForwards(IReadOnlyList<HeldForward> forwards)
    {
        bool isChanged;
        lock (_gate)
        {
            isChanged = !forwards.SequenceEqual(_forwards);
            network.SetForwards([.. forwards.Select(forward => (BoundForward)forward.Binding)]);
            _forwards = [.. forwards];
        }

        if (isChanged)
        {
            // A guest is told of the forwards when it starts.
            Spares.Renew();
        }
    }

    public void Detach(HeldForward forward)
    {
        lock (_gate)
        {
            network.Detach((BoundForward)forward.Binding);
            _forwards = [.. _forwards.Where(held => held != forward)];
        }

        Spares.Renew();
    }

    public void RefusePeers() => network.RefusePeers();

    public void PauseHold() => network.PauseHold();

    public void ResumeHold() => network.ResumeHold();

    public IInstance Create(PreparedModule module, InstanceRequest request) => stack.Create(this, (SandboxModule)module, request);

    public void Dispose() => stack.Remove(this);
}
