using System.Collections.Concurrent;
using Wasmrun.Network;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Forwards;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>Brings what the network tells to the service or instance that it is about.</summary>
internal sealed class NetworkEvents : INetworkObserver
{
    private readonly ConcurrentDictionary<NetworkNamespace, IInstanceObserver> _instances = [];
    private readonly ConcurrentDictionary<ServiceNetwork, IServiceObserver> _services = [];

    public void Add(ServiceNetwork service, IServiceObserver observer) => _services[service] = observer;

    public void Add(NetworkNamespace instance, IInstanceObserver observer) => _instances[instance] = observer;

    public void Remove(ServiceNetwork service) => _services.TryRemove(service, out _);

    public void Remove(NetworkNamespace instance) => _instances.TryRemove(instance, out _);

    public void GuestListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol) =>
        _instances.GetValueOrDefault(instance)?.StartedListening(new(port, Transport.From(protocol)));

    public void GuestStoppedListening(ServiceNetwork service, NetworkNamespace instance, int port, ForwardProtocol protocol) =>
        _instances.GetValueOrDefault(instance)?.StoppedListening(new(port, Transport.From(protocol)));

    public void EgressDenied(ServiceNetwork service, EgressDenial denial) =>
        _services.GetValueOrDefault(service)?.EgressDenied(denial);

    public void HoldExpired(ServiceNetwork service, int hostPort, int clients) =>
        _services.GetValueOrDefault(service)?.HoldExpired(hostPort, clients);

    public void PeerHoldExpired(ServiceNetwork service, int guestPort, int clients) =>
        _services.GetValueOrDefault(service)?.PeerHoldExpired(guestPort, clients);
}
