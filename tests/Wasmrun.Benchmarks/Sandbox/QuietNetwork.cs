using Wasmrun.Network;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Benchmarks.Sandbox;

/// <summary>Hears a stack's network and passes on only that a guest listens.</summary>
internal sealed class QuietNetwork : INetworkObserver
{
    public Action? Listening { get; set; }

    public void GuestListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol) => Listening?.Invoke();

    public void GuestStoppedListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol)
    {
    }

    public void EgressDenied(ServiceNetwork service, EgressDenial denial)
    {
    }

    public void HoldExpired(ServiceNetwork service, int hostPort, int clients)
    {
    }

    public void PeerHoldExpired(ServiceNetwork service, int guestPort, int clients)
    {
    }
}
