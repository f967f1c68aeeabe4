using Wasmrun.Network.Egress;

namespace Wasmrun.Supervision.Hosting;

/// <summary>Told by the network what concerns a service whatever instance runs. Called on any thread: implementations note and return.</summary>
public interface IServiceObserver
{
    /// <summary>A guest wanted to reach the outside, and may not.</summary>
    void EgressDenied(EgressDenial denial);

    /// <summary>Clients waited at a forward for as long as the service's <c>hold</c>, and were closed.</summary>
    void HoldExpired(int hostPort, int clients);

    /// <summary>Clients from other services waited at a port for as long as the service's <c>hold</c>, and were closed.</summary>
    void PeerHoldExpired(int guestPort, int clients);
}
