using Wasmrun.Network;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>Tells when the next guest listens.</summary>
internal sealed class ListeningObserver : INetworkObserver
{
    private TaskCompletionSource _next = new();

    public Task Next() => (_next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void GuestListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol) => _next.TrySetResult();

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
