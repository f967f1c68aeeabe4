using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;

namespace Wasmrun.Network.Sockets;

/// <content>What a datagram socket does differently. Connected means here: it has an address to send to, and hears no other.</content>
public sealed partial class VirtualSocket
{
    private const int LargestDatagram = 65507;

    /// <summary>How many datagrams of others one call throws away where it must not wait.</summary>
    private const int MostStrangers = 64;

    private static readonly InetAddress _broadcastAddress = InetAddress.FromIPv4(uint.MaxValue);

    private DatagramPort? _datagrams;

    internal DatagramPort? Datagrams => _datagrams;

    private bool SendsDatagrams => Kind == SocketKind.Datagram && Domain != SocketDomain.Local;

    private Errno BindDatagrams(InetEndPoint wanted)
    {
        var isClient = wanted.Port == 0;
        var error = DatagramPort.TryOpen(_namespace, isClient, out var port);
        if (error != Errno.None)
        {
            return error;
        }

        var ports = _namespace.Ports(SocketKind.Datagram);
        error = ports.Bind(this, wanted);
        for (var tries = 0; error == Errno.None; tries++)
        {
            port!.Local = Local;
            _datagrams = port;
            error = _namespace.Service.Attach(port);
            if (error == Errno.None)
            {
                SizeMailbox();
                return Errno.None;
            }

            // The port is free in this namespace, but another instance of the service uses it under their common address.
            ports.Release(this);
            Local = Local with { Port = 0 };
            _datagrams = null;
            error = error == Errno.EADDRINUSE && isClient && tries < PortTable.EphemeralCount ? ports.Bind(this, wanted) : error;
        }

        port!.Dispose();
        return error;
    }

    private void CloseDatagrams()
    {
        if (_datagrams is not null)
        {
            _namespace.Service.Detach(_datagrams);
            _datagrams.Dispose();
            _datagrams = null;
        }
    }

    private int AddDatagramsTo(PollSet set, PollEvents events)
    {
        if (_ended.HasFlag(SocketDirections.Receive))
        {
            return set.AddReady(events | (_ended.HasFlag(SocketDirections.Both) ? PollEvents.HangUp : PollEvents.None));
        }

        // There is always room to send: what does not fit is lost. To a socket that is not bound nobody can send, and a look does not bind it.
        var arrivals = _datagrams?.Descriptor ?? None;
        if (!events.HasFlag(PollEvents.Write) && _error == Errno.None)
        {
            return set.Add(arrivals, events);
        }

        var readable = events.HasFlag(PollEvents.Read) && arrivals != None && KernelSocket.IsReady(arrivals, PollEvents.Read);
        return set.AddReady((events & PollEvents.Write) | (readable || _error != Errno.None ? events & PollEvents.Read : PollEvents.None));
    }

    private bool EnsureBound()
    {
        _error = IsBound ? _error : BindChecked(Local);
        return IsBound;
    }

    private Errno ConnectDatagrams(InetEndPoint remote)
    {
        var route = _namespace.Route(remote.Address);
        var error = route.Kind switch
        {
            not RouteKind.Own when IsOnLoopback => Errno.EINVAL,
            RouteKind.Unreachable => route.Error == Errno.ECONNREFUSED ? Errno.None : route.Error,
            RouteKind.Own or RouteKind.Service => Errno.None,
            _ => _namespace.Service.Egress.Check(route.Kind, remote),
        };
        if (error == Errno.None && route.Kind is RouteKind.Host or RouteKind.Outside)
        {
            error = _datagrams!.ConnectOutside(Real(route.Kind, remote));
        }

        if (error == Errno.None)
        {
            Local = LocalToward(remote.Address);
            _peer = remote;
            _datagrams!.Peer = remote;
            _origin = ConnectionOrigin.Service;
            _state = SocketState.Connected;
        }

        return error;
    }

    private Errno ReceiveDatagram(ReadOnlySpan<IoVector> buffers, bool peek, out nuint count, out bool truncated, out InetEndPoint sender)
    {
        (count, truncated, sender) = (0, false, default);
        if (_error != Errno.None)
        {
            return TakeError();
        }

        if (!IsBound)
        {
            // Nobody can send to it, and it may still be bound after the socket's time limit.
            return ReceivesNoMore && !NonBlocking ? Errno.None
                : WaitFor(None, PollEvents.Read, ReceiveTimeout) is not Errno.None and var waited ? waited
                : Errno.EAGAIN;
        }

        for (var strangers = 0; ;)
        {
            var error = _datagrams!.TryReceive(buffers, peek, out var from, out count, out truncated);
            if (error == Errno.None && _state == SocketState.Connected && from != _peer && !_datagrams.CameFromStack)
            {
                if (peek)
                {
                    _ = _datagrams.TryReceive([], peek: false, out _, out _, out _);
                }

                _namespace.Stop.ThrowIfRequested();
                if (++strangers < MostStrangers || !NonBlocking)
                {
                    continue;
                }

                error = Errno.EAGAIN;
            }

            if (error == Errno.None)
            {
                sender = Present(from);
                return Errno.None;
            }

            if (error == Errno.EAGAIN && ReceivesNoMore && !NonBlocking)
            {
                count = 0;
                return Errno.None;
            }

            error = error == Errno.EAGAIN ? WaitFor(_datagrams.Descriptor, PollEvents.Read, ReceiveTimeout) : error;
            if (error != Errno.None)
            {
                return error;
            }
        }
    }

    /// <summary>Sends one datagram, whichever way its destination is to be reached.</summary>
    /// <param name="remote">Null sends to the address that the socket is connected to.</param>
    private Errno SendDatagram(ReadOnlySpan<IoVector> buffers, InetEndPoint? remote, out nuint count)
    {
        count = 0;
        if (remote is null && _state != SocketState.Connected)
        {
            return Errno.EDESTADDRREQ;
        }

        if (!EnsureBound() || _error != Errno.None)
        {
            return TakeError();
        }

        var length = IoVector.Total(buffers);
        if (length > LargestDatagram)
        {
            return Errno.EMSGSIZE;
        }

        if (_ended.HasFlag(SocketDirections.Send))
        {
            return Errno.EPIPE;
        }

        var destination = _peer;
        if (remote is { } given && Destination(given, out destination) is not Errno.None and var error)
        {
            return error;
        }

        if (destination.Port == 0)
        {
            return Errno.EINVAL;
        }

        if (_datagrams!.TryAnswer(destination, buffers, out count, out error))
        {
            return error;
        }

        var real = _datagrams.RealOf(destination);
        var sender = real == destination ? LocalToward(real.Address) : Local with { Address = _namespace.SourceFor(real.Address) };
        return SendDatagram(_namespace.Route(real.Address), sender, real, destination == _peer, buffers, (int)length, out count);
    }

    private Errno SendDatagram(
        Route route, InetEndPoint from, InetEndPoint destination, bool isPeer, ReadOnlySpan<IoVector> buffers, int length, out nuint count)
    {
        count = 0;
        switch (route.Kind)
        {
            case not RouteKind.Own when from.Address.IsLoopback:
                return Errno.EINVAL;
            case RouteKind.Own:
                var receiver = _namespace.Ports(SocketKind.Datagram).Find(destination, from)?.Datagrams;
                return Delivered(receiver?.Mailbox.Put(from, buffers, length) ?? false, isPeer, length, out count);
            case RouteKind.Service:
                return Delivered(route.Service!.Deliver(destination.Port, from, buffers, length), isPeer, length, out count);
            case RouteKind.Host or RouteKind.Outside when destination.Address == _broadcastAddress && !_broadcast:
                return Errno.EACCES;
            case RouteKind.Host or RouteKind.Outside:
                return SendOutside(route.Kind, destination, buffers, out count);
            default:
                return route.Error == Errno.ECONNREFUSED ? Delivered(arrived: false, isPeer, length, out count) : route.Error;
        }
    }

    private Errno SendOutside(RouteKind kind, InetEndPoint destination, ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        var real = Real(kind, destination);
        var error = _datagrams!.HasContacted(real) ? Errno.None : _namespace.Service.Egress.Check(kind, destination);
        while (error == Errno.None)
        {
            error = _datagrams.SendOutside(real, destination, buffers, out count, out var descriptor);
            if (error != Errno.EAGAIN)
            {
                break;
            }

            error = WaitFor(descriptor, PollEvents.Write, SendTimeout);
        }

        return error;
    }

    private static InetEndPoint Real(RouteKind kind, InetEndPoint shown) =>
        kind == RouteKind.Host ? shown with { Address = InetAddress.Loopback4 } : shown;

    /// <summary>Sent is sent, but a connected socket learns with its next call that its peer was not there.</summary>
    private Errno Delivered(bool arrived, bool isPeer, int length, out nuint count)
    {
        _error = arrived || !isPeer || _state != SocketState.Connected ? Errno.None : Errno.ECONNREFUSED;
        count = (nuint)length;
        return Errno.None;
    }
}
