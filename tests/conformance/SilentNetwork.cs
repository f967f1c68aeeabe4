using Wasmrun.Network;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Conformance;

/// <summary>The suite's preview 1 tests open no socket, so there is nothing to hear from the network.</summary>
internal sealed class SilentNetwork : INetworkObserver
{
    public void GuestListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol)
    {
    }

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
