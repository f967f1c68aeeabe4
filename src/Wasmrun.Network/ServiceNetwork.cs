using System.Net;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;
using Wasmrun.Network.Services;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network;

/// <summary>
/// One service in the stack's network: its address, its names, its forwards, and what waits at its ports. It outlives the
/// instances of the service, which is why a restart costs no client its connection. Disposed, the service is gone:
/// its forwards are closed and the other services are refused.
/// </summary>
public sealed class ServiceNetwork : IDisposable
{
    private const int MostPeersTakenIn = 1024;

    private readonly Lock _gate = new();
    private readonly ServicePorts _ports;
    private readonly List<NetworkNamespace> _namespaces = [];
    private IReadOnlyList<BoundForward> _forwards = [];
    private bool _disposed;

    internal ServiceNetwork(StackNetwork stack, ServiceNetworkOptions options, int index)
    {
        Stack = stack;
        Options = options;
        Index = index;
        Address4 = stack.Addresses.Service4(index);
        Address6 = stack.Addresses.Service6(index);
        HoldClock = new(stack.Time);
        Egress = new(this);
        _ports = new(this);
    }

    public string Name => Options.Name;

    /// <summary>The service's virtual IPv4 address, which all of its instances share.</summary>
    public IPAddress Address => Address4.ToIPAddress();

    /// <summary>The same in IPv6.</summary>
    public IPAddress AddressV6 => Address6.ToIPAddress();

    public IReadOnlyList<BoundForward> Forwards
    {
        get
        {
            lock (_gate)
            {
                return _forwards;
            }
        }
    }

    /// <summary>Clients that wait now because nobody listens, of all ports together.</summary>
    public int WaitingClients
    {
        get
        {
            lock (_gate)
            {
                return _ports.WaitingClients;
            }
        }
    }

    /// <summary>Forwards whose port nobody listens on at the moment, with what is listened on instead.</summary>
    public IReadOnlyList<UnservedForward> UnservedForwards
    {
        get
        {
            lock (_gate)
            {
                var listening = _namespaces.SelectMany(instance => instance.Listening).ToLookup(port => port.Protocol, port => port.Port);
                return [.. _forwards
                    .Where(forward => !listening[forward.Protocol].Contains(forward.GuestPort))
                    .Select(forward => new UnservedForward(forward, [.. listening[forward.Protocol].Except(Targets(forward.Protocol))]))];
            }
        }
    }

    internal StackNetwork Stack { get; }

    internal ServiceNetworkOptions Options { get; }

    internal int Index { get; }

    internal InetAddress Address4 { get; }

    internal InetAddress Address6 { get; }

    internal EgressGate Egress { get; }

    internal TimeSpan Hold => Options.Hold;

    /// <summary>Clients of other services that are taken in and not accepted by a guest yet: each is a descriptor of the runner's.</summary>
    internal Budget PeersTakenIn { get; } = new(MostPeersTakenIn);

    internal HoldClock HoldClock { get; }

    /// <summary>
    /// Makes these the service's forwards, from now on: those that are new begin to serve, those no longer listed are closed,
    /// those that stay notice nothing. Takes ownership of them.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The service is stopped; the forwards are still the caller's.</exception>
    public void SetForwards(IReadOnlyList<BoundForward> forwards)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var gone in _forwards.Except(forwards))
            {
                _ports.Remove(gone);
                gone.Dispose();
            }

            foreach (var added in forwards.Except(_forwards))
            {
                _ports.Add(added);
            }

            _forwards = [.. forwards];
        }
    }

    /// <summary>Takes one forward out without closing it: it is the caller's again, and clients wait at it.</summary>
    /// <exception cref="ArgumentException">It is not a forward of the service.</exception>
    public void Detach(BoundForward forward)
    {
        lock (_gate)
        {
            if (!_forwards.Contains(forward))
            {
                throw new ArgumentException($"port {forward.HostPort} is not a forward of '{Name}'", nameof(forward));
            }

            _ports.Remove(forward);
            _forwards = [.. _forwards.Where(kept => kept != forward)];
        }
    }

    /// <summary>The network of one instance, which takes connections as soon as its guest listens.</summary>
    public NetworkNamespace CreateNamespace() => CreateNamespace(accepting: true);

    /// <summary>The network of one instance.</summary>
    /// <param name="accepting">
    /// False for an instance that is to prove itself first: it listens and can be probed, but clients only come to it
    /// after <see cref="NetworkNamespace.StartAccepting"/>.
    /// </param>
    /// <param name="beside">The instance that this one is to check: see <see cref="NetworkNamespace.Beside"/>.</param>
    public NetworkNamespace CreateNamespace(bool accepting, NetworkNamespace? beside = null)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var created = new NetworkNamespace(this, accepting) { Beside = beside };
            _namespaces.Add(created);
            return created;
        }
    }

    /// <summary>
    /// Says that no instance is to come soon: other services are refused, and those of their clients that wait are reset, until a guest listens
    /// again. Forwards, and ports that a guest listens on, stay as they are.
    /// </summary>
    public void RefusePeers()
    {
        lock (_gate)
        {
            _ports.RefusePeers();
        }
    }

    /// <summary>
    /// Time does not count as waited for an instance from now on, until <see cref="ResumeHold"/>: one ends, however long it takes, and another is to follow.
    /// Who is not to wait at all does not wait for that either.
    /// </summary>
    public void PauseHold()
    {
        lock (_gate)
        {
            if (Hold > TimeSpan.Zero)
            {
                HoldClock.Stop();
            }
        }
    }

    /// <summary>Lets those who wait have what was left of their time before the pause, and those who came meanwhile all of it.</summary>
    public void ResumeHold()
    {
        IReadOnlyList<ServicePort> ports;
        lock (_gate)
        {
            HoldClock.Start();
            ports = _ports.OfStreams;
        }

        foreach (var port in ports)
        {
            ExpireHeld(port);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _ports.Dispose();
            foreach (var forward in _forwards)
            {
                forward.Dispose();
            }

            _forwards = [];
        }

        Stack.Remove(this);
    }

    internal bool SharesNetworkWith(ServiceNetwork other)
    {
        if (other == this)
        {
            return true;
        }

        for (var i = 0; i < Options.Networks.Count; i++)
        {
            for (var j = 0; j < other.Options.Networks.Count; j++)
            {
                if (string.Equals(Options.Networks[i], other.Options.Networks[j], StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether another service, or this one itself, finds it under this name.</summary>
    internal bool IsCalled(string name, ServiceNetwork asker) =>
        (Name.Equals(name, StringComparison.OrdinalIgnoreCase) && SharesNetworkWith(asker))
        || Options.Aliases.Any(alias => alias.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && asker.Options.Networks.Contains(alias.Network, StringComparer.Ordinal));

    /// <summary>Lets a listening socket take connections, unless its instance is not to have any.</summary>
    internal Errno Attach(Listener listener)
    {
        lock (_gate)
        {
            return _disposed ? Errno.None : _ports.Attach(listener);
        }
    }

    /// <summary>Lets a datagram socket have its port of the service's address.</summary>
    internal Errno Attach(DatagramPort port)
    {
        lock (_gate)
        {
            return _disposed ? Errno.None : _ports.Attach(port);
        }
    }

    /// <summary>Ends a listening socket for good.</summary>
    internal void Detach(Listener listener)
    {
        lock (_gate)
        {
            _ports.Detach(listener);
        }
    }

    /// <summary>Ends a datagram socket for good.</summary>
    internal void Detach(DatagramPort port)
    {
        lock (_gate)
        {
            _ports.Detach(port);
        }
    }

    /// <summary>Brings a datagram of another service.</summary>
    /// <returns>False when nobody is there to receive it.</returns>
    internal bool Deliver(int port, InetEndPoint from, ReadOnlySpan<IoVector> data, int length)
    {
        lock (_gate)
        {
            return _ports.Deliver(port, from, data, length);
        }
    }

    internal Errno StartAccepting(NetworkNamespace instance)
    {
        lock (_gate)
        {
            instance.IsAccepting = true;
            var errors = instance.Listeners.Select(Attach).Concat(instance.DatagramPorts.Select(Attach)).ToList();
            return errors.Find(error => error != Errno.None);
        }
    }

    internal void StopAccepting(NetworkNamespace instance)
    {
        lock (_gate)
        {
            instance.IsAccepting = false;
            _ports.DetachAll(instance);
        }
    }

    internal void Remove(NetworkNamespace instance)
    {
        lock (_gate)
        {
            _namespaces.Remove(instance);
        }
    }

    /// <summary>Where another service connects to; false when that is refused.</summary>
    internal bool TryGetInternalAddress(int number, SocketDomain domain, out KernelAddress address)
    {
        lock (_gate)
        {
            return _ports.TryGetInternalAddress(number, domain, out address);
        }
    }

    internal void ExpireHeld(ServicePort port)
    {
        IReadOnlyList<HoldExpiry> expired;
        lock (_gate)
        {
            expired = _disposed ? [] : HoldClock.IsStopped ? port.TakeNote() : port.Expire();
        }

        foreach (var (forward, clients) in expired)
        {
            if (forward is not null)
            {
                Stack.Observer.HoldExpired(this, forward.HostPort, clients);
            }
            else
            {
                Stack.Observer.PeerHoldExpired(this, port.Number, clients);
            }
        }
    }

    private IEnumerable<int> Targets(ForwardProtocol protocol) =>
        _forwards.Where(forward => forward.Protocol == protocol).Select(forward => forward.GuestPort);
}
