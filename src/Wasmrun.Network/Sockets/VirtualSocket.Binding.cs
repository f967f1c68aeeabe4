using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <content>How a socket gets its port, listens and accepts.</content>
public sealed partial class VirtualSocket
{
    private const int InheritedBacklog = 4096;

    private ushort _inheritedPort;
    private bool _holdsPort;
    private bool _portWasPicked;

    /// <summary>What the guest has bound the socket to; its port is 0 where it was the runner who had to.</summary>
    private InetEndPoint _bound;

    private bool WasBoundByGuest => _bound.Port != 0;

    /// <summary>Gives the socket an address of its namespace; port 0 picks a free one.</summary>
    public Errno Bind(InetEndPoint wanted)
    {
        if (IsBound || _state != SocketState.Idle)
        {
            return Errno.EINVAL;
        }

        if (wanted.Address.Domain != Domain)
        {
            return Errno.EAFNOSUPPORT;
        }

        if (!_namespace.Owns(wanted.Address))
        {
            return Errno.EADDRNOTAVAIL;
        }

        var error = BindChecked(wanted);
        _bound = error == Errno.None ? Local : default;
        if (_datagrams is { IsClient: false })
        {
            _namespace.StartedListening(this);
        }

        return error;
    }

    /// <summary>Begins to take connections, from the service's forwards and from other services too unless bound to the loopback.</summary>
    /// <param name="backlog">How many connections the guest may make to itself in advance; others wait in the kernel's queues.</param>
    public Errno Listen(int backlog)
    {
        if (Kind == SocketKind.Datagram)
        {
            return Errno.EOPNOTSUPP;
        }

        if (_state == SocketState.Listening)
        {
            _listener!.Backlog = backlog;
            return Errno.None;
        }

        if (_state != SocketState.Idle)
        {
            return Errno.EINVAL;
        }

        var error = IsBound ? Errno.None : BindChecked(Local);
        if (error != Errno.None)
        {
            return error;
        }

        return _namespace.Ports(Kind).CanListen(this) ? ListenChecked(backlog) : Errno.EADDRINUSE;
    }

    /// <summary>Takes the next connection, or waits for one.</summary>
    public Errno Accept(out VirtualSocket? connection)
    {
        connection = null;
        if (_state == SocketState.Inherited && Activate() is not Errno.None and var failed)
        {
            return failed;
        }

        if (_listener is null)
        {
            return Kind == SocketKind.Datagram ? Errno.EOPNOTSUPP : Errno.EINVAL;
        }

        while (true)
        {
            if (!_namespace.Descriptors.HasRoom)
            {
                return Errno.EMFILE;
            }

            var error = _listener.TryAccept(out var accepted);
            if (error == Errno.None)
            {
                connection = _namespace.Adopt(accepted, Domain, Local.Port);
                connection.InheritOptions(this);
                return Errno.None;
            }

            error = error == Errno.EAGAIN ? WaitFor(_listener.Descriptor, PollEvents.Read, ReceiveTimeout) : error;
            if (error != Errno.None)
            {
                return error;
            }
        }
    }

    /// <summary>Waits in blocking mode; <see cref="Errno.EAGAIN"/> in the other, or when the socket's time limit is over.</summary>
    private Errno WaitFor(int descriptor, PollEvents events, long timeoutNanoseconds)
    {
        if (NonBlocking)
        {
            return Errno.EAGAIN;
        }

        var error = _namespace.Stop.Wait(descriptor, events, timeoutNanoseconds);
        return error == Errno.ETIMEDOUT ? Errno.EAGAIN : error;
    }

    private Errno Activate()
    {
        _state = SocketState.Idle;
        var error = BindChecked(Local with { Port = _inheritedPort });
        error = error == Errno.None ? Listen(InheritedBacklog) : error;
        if (error != Errno.None)
        {
            GivePortBack();
            _state = SocketState.Inherited;
        }

        return error;
    }

    private Errno BindChecked(InetEndPoint wanted)
    {
        var error = SendsDatagrams ? BindDatagrams(wanted) : _namespace.Ports(Kind).Bind(this, wanted);
        _holdsPort = error == Errno.None;
        _portWasPicked = wanted.Port == 0;
        return error;
    }

    /// <summary>Back to what the guest has bound the socket to, or to nothing, after a connection that has failed.</summary>
    private void Unbind()
    {
        if (WasBoundByGuest)
        {
            Local = _bound;
        }
        else
        {
            GivePortBack();
            Local = new(InetAddress.AnyOf(Domain), 0);
        }
    }

    private void GivePortBack()
    {
        if (_holdsPort)
        {
            _namespace.Ports(Kind).Release(this);
            _holdsPort = false;
        }

        Local = Local with { Port = 0 };
    }

    private Errno ListenChecked(int backlog)
    {
        var error = Listener.TryOpen(_namespace, Local, _portWasPicked, backlog, out var listener);
        if (error != Errno.None)
        {
            return error;
        }

        // Visible as listening before it is attached, or an instance that is told to accept in between would miss it.
        _listener = listener;
        _state = SocketState.Listening;
        error = _namespace.Service.Attach(_listener!);
        if (error != Errno.None)
        {
            CloseListener();
            _state = SocketState.Idle;
            return error;
        }

        _namespace.StartedListening(this);
        return Errno.None;
    }

    private void StopListening()
    {
        CloseListener();
        _state = SocketState.Idle;
        _namespace.Stop.NoteClosing();
        _namespace.StoppedListening(this);
    }

    private void CloseListener()
    {
        if (_listener is not null)
        {
            _namespace.Service.Detach(_listener);
            _listener.Dispose();
            _listener = null;
        }
    }
}
