using System.Collections.Concurrent;
using Wasmrun.Network;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Tests.Network;

/// <summary>Keeps what the network tells, one line for each event.</summary>
internal sealed class RecordingObserver : INetworkObserver
{
    private readonly ConcurrentQueue<string> _events = [];

    public IReadOnlyCollection<string> Events => [.. _events];

    public void GuestListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol) =>
        _events.Enqueue($"{service.Name} listens on {port}/{protocol}");

    public void GuestStoppedListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol) =>
        _events.Enqueue($"{service.Name} no longer listens on {port}/{protocol}");

    public void EgressDenied(ServiceNetwork service, EgressDenial denial) =>
        _events.Enqueue($"{service.Name} denied {denial.Destination}: {denial.LineToAdd ?? denial.Remedy}");

    public void HoldExpired(ServiceNetwork service, int hostPort, int clients) =>
        _events.Enqueue($"{service.Name} gave up {clients} on host port {hostPort}");

    public void PeerHoldExpired(ServiceNetwork service, int guestPort, int clients) =>
        _events.Enqueue($"{service.Name} gave up {clients} peers on {guestPort}");
}
