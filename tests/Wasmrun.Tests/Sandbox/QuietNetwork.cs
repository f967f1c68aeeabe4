using Wasmrun.Network;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Tests.Sandbox;

/// <summary>Takes what a stack's network tells; a test that wants to know gives it a listener.</summary>
internal sealed class QuietNetwork : INetworkObserver
{
    public Action<NetworkNamespace, int>? Listening { get; init; }

    public void GuestListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol) =>
        Listening?.Invoke(instance, port);

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
