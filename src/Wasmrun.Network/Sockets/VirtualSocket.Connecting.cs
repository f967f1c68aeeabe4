using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;

namespace Wasmrun.Network.Sockets;

/// <content>How a stream socket gets to its peer.</content>
public sealed partial class VirtualSocket
{
    // A full queue of a Unix domain listener cannot be waited for, only asked again.
    private const long FullQueuePause = 5_000_000;

    /// <summary>Connects to an address of the guest's network, or to one outside that the service may reach.</summary>
    public Errno Connect(InetEndPoint remote)
    {
        if (SendsDatagrams)
        {
            return Destination(remote, out var destination) is not Errno.None and var bad ? bad
                : EnsureBound() ? ConnectDatagrams(destination)
                : TakeError();
        }

        if (_state is SocketState.Inherited or SocketState.Listening or SocketState.Connected)
        {
            return Errno.EISCONN;
        }

        var error = _state == SocketState.Connecting ? ContinueConnect() : BeginConnect(remote);
        if (error != Errno.None && _state == SocketState.Idle)
        {
            Unbind();
        }

        return error;
    }

    private Errno BeginConnect(InetEndPoint remote)
    {
        _error = Errno.None;
        var error = Destination(remote, out remote);
        if (error == Errno.None && !IsBound && BindChecked(Local) != Errno.None)
        {
            error = Errno.EADDRNOTAVAIL;
        }

        return error == Errno.None ? Connect(_namespace.Route(remote.Address), remote) : error;
    }

    /// <summary>What an address that a guest gives means: IPv4 in IPv6's clothes is IPv4, and nowhere is the own loopback.</summary>
    private Errno Destination(InetEndPoint remote, out InetEndPoint destination)
    {
        destination = remote with { Address = remote.Address.Unmapped() };
        if (destination.Address.IsAny)
        {
            destination = destination with
            {
                Address = destination.Address.Domain == SocketDomain.Inet4 ? InetAddress.Loopback4 : InetAddress.Loopback6,
            };
        }

        return remote.Address.Domain != Domain ? Errno.EAFNOSUPPORT
            : OnlyVersion6 && remote.Address.IsMapped ? Errno.ENETUNREACH
            : Errno.None;
    }

    private Errno Connect(Route route, InetEndPoint remote) => route.Kind switch
    {
        not RouteKind.Own when IsOnLoopback => Errno.EINVAL,
        RouteKind.Own => ConnectToOwn(remote),
        RouteKind.Service => ConnectToService(route.Service!, remote),
        RouteKind.Host => ConnectToHost(remote),
        RouteKind.Outside => ConnectOutside(remote),
        _ => route.Error,
    };

    /// <summary>Whether the guest has bound the socket to its own loopback, from which nothing but itself is reached.</summary>
    private bool IsOnLoopback => Local.Address.Unmapped().IsLoopback;

    /// <summary>As a kernel does it: only who listens can make room, which is waited for in blocking mode.</summary>
    private Errno ConnectToOwn(InetEndPoint remote)
    {
        var deadline = Deadline.After(SendTimeout);
        Errno error;
        do
        {
            error = TryConnectToOwn(remote);
        }
        while (error == Errno.EAGAIN && WaitsForRoom(deadline));

        return error == Errno.EAGAIN ? QueueIsFull() : error;
    }

    /// <summary>Gives whoever listens some time to make room; false where none is to be given, or no more.</summary>
    private bool WaitsForRoom(Deadline deadline)
    {
        if (NonBlocking || deadline.IsOver)
        {
            return false;
        }

        _ = _namespace.Stop.Wait(None, PollEvents.None, FullQueuePause);
        return true;
    }

    private Errno QueueIsFull()
    {
        if (NonBlocking)
        {
            return Errno.ECONNREFUSED;
        }

        // What a kernel says when the socket's time limit is over; what has come of it, a guest that polls finds in SO_ERROR.
        _error = Errno.ETIMEDOUT;
        return Errno.EINPROGRESS;
    }

    private Errno TryConnectToOwn(InetEndPoint remote)
    {
        var own = _namespace.Ports(SocketKind.Stream).Find(remote)?.Listener;
        if ((own ?? _namespace.Beside?.FindListener(remote.Port)) is not { } listener)
        {
            return Errno.ECONNREFUSED;
        }

        var error = KernelSocket.OpenPair(datagram: false, out var mine, out var theirs);
        if (error != Errno.None)
        {
            return error;
        }

        var local = LocalToward(remote.Address);
        if (!listener.TryEnqueue(new(theirs, ConnectionOrigin.Loopback, local, remote.Address)))
        {
            _ = Libc.Close(mine);
            _ = Libc.Close(theirs);
            return Errno.EAGAIN;
        }

        OpenConnected(mine, local, remote, ConnectionOrigin.Loopback);
        return Errno.None;
    }

    private Errno ConnectOutside(InetEndPoint remote)
    {
        var error = _namespace.Service.Egress.Check(RouteKind.Outside, remote);
        return error == Errno.None ? ConnectChecked(remote, remote) : error;
    }

    /// <summary>The host's own loopback, where programs listen on one family or the other.</summary>
    private Errno ConnectToHost(InetEndPoint remote)
    {
        var error = _namespace.Service.Egress.Check(RouteKind.Host, remote);
        error = error == Errno.None ? ConnectChecked(remote with { Address = InetAddress.Loopback4 }, remote) : error;
        return error == Errno.ECONNREFUSED ? ConnectChecked(remote with { Address = InetAddress.Loopback6 }, remote) : error;
    }

    /// <summary>Connects to an address that has been checked, and to no other.</summary>
    /// <param name="shown">The address under which the guest knows the real one.</param>
    private Errno ConnectChecked(InetEndPoint real, InetEndPoint shown)
    {
        var error = KernelSocket.OpenInet(real.Address.Domain, datagram: false, out var descriptor);
        if (error != Errno.None)
        {
            return error;
        }

        // Where a connection may go, and how much it may hold, counts from its first packet on.
        _kernelOptions.ApplyTo(descriptor, isTcp: true);
        error = KernelSocket.Connect(descriptor, KernelAddress.From(real));
        if (error is not (Errno.None or Errno.EINPROGRESS))
        {
            _ = Libc.Close(descriptor);
            return error;
        }

        OpenConnected(descriptor, LocalToward(shown.Address), shown, ConnectionOrigin.Outside);
        if (error == Errno.None)
        {
            return Errno.None;
        }

        _state = SocketState.Connecting;
        if (real.Address.IsLoopback && KernelSocket.IsReady(descriptor, PollEvents.Write))
        {
            // The host itself has answered by now, also whom that does not wait for.
            return FinishConnect();
        }

        error = WaitFor(descriptor, PollEvents.Write, SendTimeout);
        return error switch
        {
            Errno.None => FinishConnect(),
            Errno.EAGAIN => Errno.EINPROGRESS,
            _ => error,
        };
    }

    /// <summary>The address that a connection to somewhere comes from, unless the guest has chosen one.</summary>
    private InetEndPoint LocalToward(InetAddress remote)
    {
        var own = Local.Address.Unmapped();
        return Local with { Address = own.IsAny ? _namespace.SourceFor(remote) : own };
    }

    /// <summary>Waits for a connection that is being made, as a second connect in blocking mode does; its time limit then answers as no blocking does.</summary>
    private Errno ContinueConnect()
    {
        var error = NonBlocking ? Errno.None : WaitFor(_descriptor, PollEvents.Write, SendTimeout);
        return error is Errno.None or Errno.EAGAIN ? FinishConnect() : error;
    }

    /// <summary>Looks how far a connection to the outside has come that could not be made at once.</summary>
    private Errno FinishConnect()
    {
        if (!KernelSocket.IsReady(_descriptor, PollEvents.Write))
        {
            return Errno.EALREADY;
        }

        // A receive or a send may have taken the error, which leaves a socket that has no peer.
        var error = KernelSocket.TakeError(_descriptor);
        error = error == Errno.None && !KernelSocket.HasPeer(_descriptor) ? Errno.ECONNREFUSED : error;
        if (error == Errno.None)
        {
            _state = SocketState.Connected;
            return Errno.None;
        }

        AbandonConnect();
        return error;
    }

    private void AbandonConnect()
    {
        _ = Libc.Close(_descriptor);
        _descriptor = None;
        _namespace.Stop.NoteClosing();
        _state = SocketState.Idle;
    }
}
