using Wasmrun.Network.Addresses;
using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network.Services;

/// <summary>
/// The ports of one service at which something arrives or listens, of both protocols. They come into being when they are first
/// needed and go when nothing needs them. Used under the lock of the service.
/// </summary>
internal sealed class ServicePorts(ServiceNetwork service) : IDisposable
{
    private const int MostIdlePorts = 64;

    private readonly Dictionary<int, ServicePort> _streams = [];
    private readonly Dictionary<int, ServiceDatagrams> _datagrams = [];

    /// <summary>Those of connections.</summary>
    public IReadOnlyList<ServicePort> OfStreams => [.. _streams.Values];

    public int WaitingClients => _streams.Values.Sum(port => port.WaitingClients);

    public void Add(BoundForward forward)
    {
        if (forward.Protocol == ForwardProtocol.Tcp)
        {
            Streams(forward.GuestPort).AddForward(forward);
        }
        else
        {
            Datagrams(forward.GuestPort).AddForward(forward);
        }
    }

    public void Remove(BoundForward forward)
    {
        if (forward.Protocol == ForwardProtocol.Tcp)
        {
            Streams(forward.GuestPort).RemoveForward(forward);
        }
        else
        {
            Datagrams(forward.GuestPort).RemoveForward(forward);
            Forget(forward.GuestPort);
        }
    }

    public Errno Attach(Listener listener) =>
        listener.IsClosed || !listener.Namespace.IsAccepting ? Errno.None : Streams(listener.Local.Port).Attach(listener);

    public Errno Attach(DatagramPort port)
    {
        if (port.IsClosed || !(port.IsClient || port.Namespace.IsAccepting))
        {
            return Errno.None;
        }

        var datagrams = Datagrams(port.Local.Port);
        if (!datagrams.HasRoomFor(port))
        {
            return Errno.EADDRINUSE;
        }

        datagrams.Attach(port);
        return Errno.None;
    }

    public void Detach(Listener listener)
    {
        listener.IsClosed = true;
        if (!_streams.TryGetValue(listener.Local.Port, out var port))
        {
            return;
        }

        port.Detach(listener);

        // Kept for the next instance, but a guest that listens on one port after the other must not pile them up.
        if (port.IsIdle && (listener.IsPicked || _streams.Values.Count(other => other.IsIdle) > MostIdlePorts))
        {
            _streams.Remove(port.Number);
            port.Dispose();
        }
    }

    public void Detach(DatagramPort port)
    {
        port.IsClosed = true;
        if (_datagrams.TryGetValue(port.Local.Port, out var datagrams))
        {
            datagrams.Detach(port);
            Forget(port.Local.Port);
        }
    }

    /// <summary>Takes every port from what serves in one instance.</summary>
    public void DetachAll(NetworkNamespace instance)
    {
        foreach (var port in _streams.Values)
        {
            port.DetachAll(instance);
        }

        foreach (var datagrams in _datagrams.Values)
        {
            datagrams.DetachAll(instance);
        }
    }

    public bool Deliver(int number, InetEndPoint from, ReadOnlySpan<IoVector> data, int length) =>
        _datagrams.TryGetValue(number, out var datagrams) && datagrams.Deliver(from, data, length);

    public bool TryGetInternalAddress(int number, SocketDomain domain, out KernelAddress address)
    {
        address = default;
        return _streams.TryGetValue(number, out var port) && port.TryGetInternalAddress(domain, out address);
    }

    /// <summary>Closes to the other services every port that nobody listens on for them.</summary>
    public void RefusePeers()
    {
        foreach (var port in _streams.Values.Where(port => !port.TakesPeers).ToList())
        {
            port.RefusePeers();
            if (port.IsIdle)
            {
                _streams.Remove(port.Number);
                port.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var port in _streams.Values)
        {
            port.Dispose();
        }

        foreach (var datagrams in _datagrams.Values)
        {
            datagrams.DetachAll();
        }

        _streams.Clear();
        _datagrams.Clear();
    }

    private ServicePort Streams(int number)
    {
        if (!_streams.TryGetValue(number, out var port))
        {
            port = new(service, number);
            _streams.Add(number, port);
        }

        return port;
    }

    private ServiceDatagrams Datagrams(int number)
    {
        if (!_datagrams.TryGetValue(number, out var datagrams))
        {
            datagrams = new(service.Hold, service.HoldClock);
            _datagrams.Add(number, datagrams);
        }

        return datagrams;
    }

    private void Forget(int number)
    {
        if (_datagrams.TryGetValue(number, out var datagrams) && datagrams.IsUnused)
        {
            _datagrams.Remove(number);
        }
    }
}
