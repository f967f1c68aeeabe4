using Wasmrun.Network.Egress;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Network;

/// <summary>
/// Hears what happens in a stack's network and is worth telling a user. Called from guests' threads and the network's own,
/// outside any lock; an implementation returns quickly and throws nothing.
/// </summary>
public interface INetworkObserver
{
    /// <summary>A guest has begun to listen: that is readiness, unless a probe says otherwise.</summary>
    void GuestListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol);

    void GuestStoppedListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol);

    /// <summary>A guest was kept from reaching the outside; told once per service and destination.</summary>
    void EgressDenied(ServiceNetwork service, EgressDenial denial);

    /// <summary>Clients of a forward were closed because nobody listened for as long as the service's hold.</summary>
    void HoldExpired(ServiceNetwork service, int hostPort, int clients);

    /// <summary>The same for clients from other services of the stack.</summary>
    void PeerHoldExpired(ServiceNetwork service, int guestPort, int clients);
}
