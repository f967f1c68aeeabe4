using Wasmrun.Network.Addresses;
using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network.Services;

/// <summary>
/// One guest port of a service, whoever listens on it at the moment: it brings the sources of connections and the listening
/// sockets of the instances together, and holds the clients while there is none. Used under the lock of the service, but
/// for <see cref="ClientsArrived"/>.
/// </summary>
internal sealed class ServicePort : IDisposable
{
    private readonly List<ConnectionSource> _sources = [];
    private readonly List<Listener> _takers = [];
    private readonly HeldClients _held;
    private readonly TimerCallback _timeIsOver;
    private ConnectionSource? _internal4;
    private ConnectionSource? _internal6;

    public ServicePort(ServiceNetwork service, int number)
    {
        Service = service;
        Number = number;
        _timeIsOver = _ => service.ExpireHeld(this);
        _held = new(service.Hold, service.Stack.Watcher, service.PeersTakenIn, service.HoldClock);
    }

    public ServiceNetwork Service { get; }

    public int Number { get; }

    /// <summary>Whether somebody listens whom other services reach.</summary>
    public bool TakesPeers => _takers.Exists(taker => taker.IsReachable);

    /// <summary>Whether nobody listens and no forward ends here: clients may still wait for the next instance.</summary>
    public bool IsIdle => _takers.Count == 0 && _sources.TrueForAll(source => source.Forward is null);

    /// <summary>Clients that the watcher has seen: it is asked for often, and there may be many ports.</summary>
    public int WaitingClients => _held.Count;

    public void AddForward(BoundForward forward)
    {
        foreach (var listener in forward.Listeners)
        {
            Add(ConnectionSource.Of(this, forward, listener));
        }

        Distribute();
    }

    public void RemoveForward(BoundForward forward)
    {
        foreach (var source in _sources.Where(source => source.Forward == forward).ToList())
        {
            _held.Unwatch(source);
            _sources.Remove(source);
        }

        Distribute();
    }

    /// <summary>Lets a listening socket take connections from here on.</summary>
    public Errno Attach(Listener taker)
    {
        if (_takers.Contains(taker))
        {
            return Errno.None;
        }

        var known = _sources.Count;
        var error = taker.IsReachable ? OpenInternal(ref _internal4, SocketDomain.Inet4) : Errno.None;
        if (error == Errno.None && taker.IsReachable && _takers.Exists(other => other.IsReachable && other.Domain != taker.Domain))
        {
            // Only now does it matter by which family a client comes.
            error = OpenInternal(ref _internal6, SocketDomain.Inet6);
        }

        if (error != Errno.None)
        {
            return error;
        }

        _takers.Add(taker);
        _sources.ForEach(WatchWhileUntaken);
        while (taker.IsReachable && _held.TryTakeParked(out var connection))
        {
            taker.Enqueue(connection);
        }

        Distribute(_sources.Count == known ? taker.Namespace : null);
        return Errno.None;
    }

    public void Detach(Listener taker)
    {
        if (!_takers.Remove(taker))
        {
            return;
        }

        taker.SetSources([]);
        Distribute(taker.Namespace);
        _sources.ForEach(WatchWhileUntaken);
        TakeBack(taker);
    }

    public void DetachAll(NetworkNamespace owner)
    {
        foreach (var taker in _takers.Where(taker => taker.Namespace == owner).ToList())
        {
            Detach(taker);
        }
    }

    /// <summary>Where other services connect to; false when nobody has ever listened here.</summary>
    /// <param name="domain">The family of the address that the client has asked for.</param>
    public bool TryGetInternalAddress(SocketDomain domain, out KernelAddress address)
    {
        var source = domain == SocketDomain.Inet6 ? _internal6 ?? _internal4 : _internal4;
        address = source?.Address ?? default;
        return source is not null;
    }

    /// <summary>Called by the watcher, on its own thread, when a client has arrived and nobody listens.</summary>
    public void ClientsArrived() => Service.ExpireHeld(this);

    /// <summary>Closes the clients that have waited too long.</summary>
    public IReadOnlyList<HoldExpiry> Expire()
    {
        _held.TakeNote();
        return _held.Expire(_timeIsOver);
    }

    /// <summary>Takes note of who waits, of whom nobody's time is over.</summary>
    public IReadOnlyList<HoldExpiry> TakeNote()
    {
        _held.TakeNote();
        return [];
    }

    /// <summary>Resets the clients of other services that wait, and refuses those that come, until somebody listens. Only while nobody <see cref="TakesPeers"/>.</summary>
    public void RefusePeers()
    {
        CloseInternal(ref _internal4);
        CloseInternal(ref _internal6);
        _held.ResetParked();
    }

    public void Dispose()
    {
        _takers.ForEach(taker => taker.SetSources([]));
        _takers.Clear();
        _sources.ForEach(_held.Unwatch);
        _sources.Clear();
        _held.Dispose();
        CloseInternal(ref _internal4);
        CloseInternal(ref _internal6);
    }

    private Errno OpenInternal(ref ConnectionSource? source, SocketDomain domain)
    {
        if (source is not null)
        {
            return Errno.None;
        }

        var error = Service.Stack.SocketFolder.Listen(Service.Index, Number, domain, out var descriptor, out var address);
        if (error == Errno.None)
        {
            source = ConnectionSource.Internal(this, descriptor, domain, address);
            Add(source);
        }

        return error;
    }

    /// <summary>Whom nobody has taken in yet is reset by the kernel.</summary>
    private void CloseInternal(ref ConnectionSource? source)
    {
        if (source is not null)
        {
            _held.Unwatch(source);
            _sources.Remove(source);
            Service.Stack.SocketFolder.Close(Service.Index, Number, source.Domain, source.Descriptor);
            source = null;
        }
    }

    /// <summary>Clients that were held for a listener, and that it has not accepted, wait for the next one as before.</summary>
    private void TakeBack(Listener taker)
    {
        while (taker.TryTakeBack(out var connection))
        {
            var domain = connection.Local.Domain;
            if ((_takers.Find(other => other.IsReachable && other.Domain == domain) ?? _takers.Find(other => other.IsReachable)) is { } next)
            {
                next.Enqueue(connection);
            }
            else
            {
                _held.Park(connection, _timeIsOver);
            }
        }
    }

    private void Add(ConnectionSource source)
    {
        _sources.Add(source);
        WatchWhileUntaken(source);
    }

    private void WatchWhileUntaken(ConnectionSource source)
    {
        if (_takers.Exists(taker => source.Forward is not null || taker.IsReachable))
        {
            _held.Unwatch(source);
        }
        else
        {
            _held.Watch(source);
        }
    }

    /// <summary>Gives each listener its sources. They depend on what else its own instance listens on, and on no other instance, of which there may be a thousand.</summary>
    /// <param name="changed">The only instance whose listeners have changed, while the sources have not.</param>
    private void Distribute(NetworkNamespace? changed = null)
    {
        foreach (var taker in _takers.Where(taker => changed is null || taker.Namespace == changed))
        {
            taker.SetSources([.. _sources.Where(source => Fits(source, taker))]);
        }
    }

    /// <summary>
    /// A forward ends at whatever listens on its port, and so does what comes from another service. Only when an instance listens in
    /// both families is each served by its own, as it is the only one that can tell the guest the client's address.
    /// </summary>
    private bool Fits(ConnectionSource source, Listener taker) =>
        (source.Forward is not null || taker.IsReachable)
        && (taker.Domain == source.Domain || !_takers.Exists(other => IsBetter(other, taker, source)));

    private static bool IsBetter(Listener other, Listener taker, ConnectionSource source) =>
        other.Namespace == taker.Namespace && other.Domain == source.Domain && (source.Forward is not null || other.IsReachable);
}
