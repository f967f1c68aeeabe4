using Wasmrun.Network.Addresses;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Services;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network;

/// <summary>
/// The network of one stack: who is in it, under which names and addresses, and what all of its services share. Disposed after
/// the instances have ended; nothing of it is left on the machine then.
/// </summary>
public sealed class StackNetwork : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _indexes = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ServiceNetwork> _services = [];

    public StackNetwork(StackNetworkOptions options, INetworkObserver observer, TimeProvider time)
    {
        Observer = observer;
        Time = time;
        Addresses = new(options.Name);
        SocketFolder = new(options.RuntimeDirectory);
        HostAddresses = new(time);
        Resolver = options.Resolver;
    }

    internal INetworkObserver Observer { get; }

    internal TimeProvider Time { get; }

    internal AddressPlan Addresses { get; }

    internal ClientNames ClientNames { get; } = new();

    internal INameResolver Resolver { get; }

    internal HostAddresses HostAddresses { get; }

    internal SocketFolder SocketFolder { get; }

    internal HoldWatcher Watcher { get; } = new();

    /// <summary>Adds a service; those added later find it, and are found by it, all the same.</summary>
    /// <exception cref="InvalidOperationException">A service of this name is there already, or the network is full.</exception>
    /// <exception cref="IOException">The runtime directory cannot be used.</exception>
    public ServiceNetwork AddService(ServiceNetworkOptions options)
    {
        lock (_gate)
        {
            SocketFolder.Open();
            if (_services.Exists(service => service.Name.Equals(options.Name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new InvalidOperationException($"the network already has a service '{options.Name}'");
            }

            // A service that was stopped and comes back has the address it had.
            if (!_indexes.TryGetValue(options.Name, out var index))
            {
                index = _indexes.Count < AddressPlan.Capacity ? _indexes.Count : throw new InvalidOperationException("the stack's network is full");
                _indexes.Add(options.Name, index);
            }

            var added = new ServiceNetwork(this, options, index);
            _services.Add(added);
            return added;
        }
    }

    public void Dispose()
    {
        foreach (var service in Services())
        {
            service.Dispose();
        }

        Watcher.Dispose();
        SocketFolder.Dispose();
    }

    /// <summary>The services that answer to a name, seen from one of them.</summary>
    internal IReadOnlyList<ServiceNetwork> FindByName(string name, ServiceNetwork asker) =>
        [.. Services().Where(service => service.IsCalled(name, asker))];

    internal ServiceNetwork? FindByAddress(InetAddress address)
    {
        // On the way of every connection and datagram, hence without the conveniences that allocate.
        lock (_gate)
        {
            foreach (var service in _services)
            {
                if (service.Address4 == address || service.Address6 == address)
                {
                    return service;
                }
            }

            return null;
        }
    }

    /// <summary>Whether an address is, or was, a service's: one that is stopped refuses, one that never was is not there.</summary>
    internal bool IsAssigned(InetAddress address)
    {
        lock (_gate)
        {
            return _indexes.Values.Any(index => Addresses.Service4(index) == address || Addresses.Service6(index) == address);
        }
    }

    internal void Remove(ServiceNetwork service)
    {
        lock (_gate)
        {
            _services.Remove(service);
        }
    }

    private ServiceNetwork[] Services()
    {
        lock (_gate)
        {
            return [.. _services];
        }
    }
}
