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
    private readonly Dictionary<string, ServiceNetworkOptions> _declared = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ServiceNetwork> _services = [];

    /// <summary>Those of the services that are declared and were not added: they have a name and an address, and refuse.</summary>
    private readonly HashSet<ServiceNetwork> _absent = [];

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

    /// <summary>
    /// Says which services there are, instead of those said before: each has its name and its address from now on, whether it is added or not.
    /// Addresses are given in this order, and once given they stay.
    /// </summary>
    /// <param name="services">What the services' egress and hold are does not matter here.</param>
    /// <exception cref="InvalidOperationException">The network is full.</exception>
    public void Declare(IReadOnlyList<ServiceNetworkOptions> services)
    {
        lock (_gate)
        {
            _services.RemoveAll(_absent.Contains);
            _absent.Clear();
            _declared.Clear();
            foreach (var service in services)
            {
                _ = IndexOf(service.Name);
                if (_declared.TryAdd(service.Name, service) && !_services.Exists(present => IsNamed(present, service.Name)))
                {
                    AddAbsent(service);
                }
            }
        }
    }

    /// <summary>Adds a service; those added later find it, and are found by it, all the same.</summary>
    /// <exception cref="InvalidOperationException">A service of this name is there already, or the network is full.</exception>
    /// <exception cref="IOException">The runtime directory cannot be used, or the process has no descriptor left.</exception>
    public ServiceNetwork AddService(ServiceNetworkOptions options)
    {
        lock (_gate)
        {
            SocketFolder.Open();
            Watcher.Start();
            var former = _services.Find(service => IsNamed(service, options.Name));
            if (former is not null && !_absent.Remove(former))
            {
                throw new InvalidOperationException($"the network already has a service '{options.Name}'");
            }

            var added = new ServiceNetwork(this, options, IndexOf(options.Name));
            if (former is not null)
            {
                _services.Remove(former);
            }

            _services.Add(added);
            return added;
        }
    }

    public void Dispose()
    {
        Declare([]);
        foreach (var service in Services())
        {
            service.Dispose();
        }

        Watcher.Dispose();
        SocketFolder.Dispose();
    }

    /// <summary>The services that answer to a name, seen from one of them, by address.</summary>
    internal IReadOnlyList<ServiceNetwork> FindByName(string name, ServiceNetwork asker) =>
        [.. Services().Where(service => service.IsCalled(name, asker)).OrderBy(service => service.Index)];

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

    /// <summary>Whether an address is, or was, a service's: one that is gone refuses, one that never was is not there.</summary>
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
            if (_services.Remove(service) && _declared.TryGetValue(service.Name, out var declared))
            {
                AddAbsent(declared);
            }
        }
    }

    private static bool IsNamed(ServiceNetwork service, string name) => service.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private void AddAbsent(ServiceNetworkOptions declared)
    {
        var absent = new ServiceNetwork(this, declared, IndexOf(declared.Name));
        _absent.Add(absent);
        _services.Add(absent);
    }

    /// <summary>The place of a name among the addresses, which it keeps whatever becomes of the service.</summary>
    private int IndexOf(string name)
    {
        if (!_indexes.TryGetValue(name, out var index))
        {
            index = _indexes.Count < AddressPlan.Capacity ? _indexes.Count : throw new InvalidOperationException("the stack's network is full");
            _indexes.Add(name, index);
        }

        return index;
    }

    private ServiceNetwork[] Services()
    {
        lock (_gate)
        {
            return [.. _services];
        }
    }
}
