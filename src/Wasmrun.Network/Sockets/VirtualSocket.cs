using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// A socket of a guest: a virtual address and port over a kernel socket, or over several while it listens. Used by the guest's
/// own thread; blocking calls end with the instance. Objects are used again after their last <see cref="Dispose"/>.
/// </summary>
public sealed partial class VirtualSocket : IDisposable
{
    private const int None = -1;

    private readonly NetworkNamespace _namespace;
    private SocketState _state;
    private int _references;
    private int _descriptor = None;
    private Listener? _listener;
    private ConnectionOrigin _origin;
    private InetEndPoint _peer;
    private Errno _error;
    private VirtualSocket? _mate;

    /// <summary>The directions that the guest has ended and the kernel has not: nothing is sent any more, and a receive does not wait.</summary>
    private SocketDirections _ended;

    internal VirtualSocket(NetworkNamespace owner) => _namespace = owner;

    /// <summary>Where this socket lives.</summary>
    public NetworkNamespace Namespace => _namespace;

    /// <summary>Tells this socket from every other one of the instance, for as long as it is open.</summary>
    public ulong Inode { get; private set; }

    public SocketDomain Domain { get; private set; }

    public SocketKind Kind { get; private set; }

    /// <summary>Whether calls answer <see cref="Errno.EAGAIN"/> where they would wait otherwise.</summary>
    public bool NonBlocking { get; set; }

    public bool IsListening => _state == SocketState.Listening;

    public bool IsConnected => _state == SocketState.Connected;

    /// <summary>Where the socket is bound; its port is 0 until it is.</summary>
    internal InetEndPoint Local { get; set; }

    /// <summary>How many kernel descriptors it counts for.</summary>
    internal int Backing { get; private set; }

    internal bool ReuseAddress { get; private set; }

    internal bool OnlyVersion6 { get; private set; }

    internal Listener? Listener => _listener;

    /// <summary>The next socket that is bound to the same port, for the table of ports.</summary>
    internal VirtualSocket? NextOnPort { get; set; }

    private bool IsBound => Local.Port != 0;

    private bool ReceivesNoMore => (_ended & SocketDirections.Receive) != SocketDirections.None;

    /// <summary>Takes over the other end of a pair, to be closed with this one unless it is taken.</summary>
    public void KeepMate(VirtualSocket mate) => _mate = mate;

    /// <summary>The kernel socket; for who holds the socket open.</summary>
    internal int Descriptor => _descriptor;

    /// <summary>Gives the other end of a pair to the caller, once.</summary>
    public VirtualSocket? TakeMate()
    {
        var mate = _mate;
        _mate = null;
        return mate;
    }

    /// <summary>Counts one more holder of this socket: it closes when each of them has disposed it.</summary>
    public void AddReference() => _references++;

    /// <summary>Gives up one hold; the last one closes the socket.</summary>
    public void Dispose()
    {
        if (--_references == 0)
        {
            Close();
        }
    }

    /// <summary>Adds what this socket waits on to a poll set and returns the index there.</summary>
    public int AddTo(PollSet set, PollEvents events)
    {
        if (_state == SocketState.Inherited && Activate() is not Errno.None and var error)
        {
            _error = error;
            return set.AddReady(events | PollEvents.Error);
        }

        if (SendsDatagrams)
        {
            return AddDatagramsTo(set, events);
        }

        if (_listener is not null)
        {
            return set.Add(_listener.Descriptor, events & PollEvents.Read);
        }

        if (ReceivesNoMore && events.HasFlag(PollEvents.Read))
        {
            return set.AddReady(events);
        }

        // A kernel shows a stream socket that never connected as writable and hung up.
        return _descriptor != None ? set.Add(_descriptor, events) : set.AddReady((events & PollEvents.Write) | PollEvents.HangUp);
    }

    /// <summary>The error that waits at the socket, left there.</summary>
    public Errno PendingError => _error = TakeError();

    /// <summary>The error that waits at the socket, as <c>SO_ERROR</c>: asking takes it away.</summary>
    public Errno TakeError()
    {
        var error = _error;
        _error = Errno.None;
        if (error != Errno.None || _descriptor == None)
        {
            return error == Errno.None && _datagrams is not null ? _datagrams.TakeError() : error;
        }

        error = KernelSocket.TakeError(_descriptor);
        if (error != Errno.None && _state == SocketState.Connecting)
        {
            AbandonConnect();
            Unbind();
        }

        return error;
    }

    /// <summary>The address this end has in the guest's network; all zero while it is not bound.</summary>
    public InetEndPoint LocalEndPoint => Present(_state == SocketState.Inherited ? Local with { Port = _inheritedPort } : Local);

    /// <summary>The address of the other end; the host and its own programs appear as the gateway.</summary>
    /// <returns><see cref="Errno.ENOTCONN"/> when there is none.</returns>
    public Errno GetPeer(out InetEndPoint peer)
    {
        peer = default;
        if (_state == SocketState.Connecting && FinishConnect() is not (Errno.None or Errno.EALREADY) and var error)
        {
            // Told by SO_ERROR, where a guest that polls will look for it.
            _error = error;
            Unbind();
        }

        if (_state != SocketState.Connected)
        {
            return Errno.ENOTCONN;
        }

        peer = Present(_origin == ConnectionOrigin.Forward ? _namespace.Presentation.OfClient(_peer) : _peer);
        return Errno.None;
    }

    /// <summary>Whether something sent to this address of the namespace is for this socket.</summary>
    internal bool Receives(InetAddress destination)
    {
        var address = Local.Address.Unmapped();
        return address == destination || (address.IsAny && (address.Domain == destination.Domain || !OnlyVersion6));
    }

    internal void Open(SocketDomain domain, SocketKind kind, ulong inode, int backing)
    {
        Backing = backing;
        Domain = domain;
        Kind = kind;
        Inode = inode;
        Local = new(domain == SocketDomain.Inet6 ? InetAddress.Any6 : InetAddress.Any4, 0);
        _state = SocketState.Idle;
        _references = 1;
        NonBlocking = false;
        ReuseAddress = false;
        OnlyVersion6 = false;
        ReceiveTimeout = SendTimeout = -1;
        _bound = default;
        _broadcast = false;
        _ended = SocketDirections.None;
        _kernelOptions.Clear();
        _lowWater = 1;
        _streak.Forget();
        _error = Errno.None;
    }

    internal void OpenInherited(int port)
    {
        Local = Local with { Port = 0 };
        _inheritedPort = (ushort)port;
        _state = SocketState.Inherited;
    }

    /// <summary>Takes over a connected kernel socket.</summary>
    internal void OpenConnected(int descriptor, InetEndPoint local, InetEndPoint peer, ConnectionOrigin origin)
    {
        _descriptor = descriptor;
        _state = SocketState.Connected;
        _origin = origin;
        _peer = peer;
        Local = local;
        ApplyOptions();
    }

    /// <summary>Closes it for all of its holders.</summary>
    internal void Close()
    {
        if (_state == SocketState.Closed)
        {
            return;
        }

        var wasListening = IsListening || _datagrams is { IsClient: false };
        _state = SocketState.Closed;
        _references = 0;
        if (_holdsPort)
        {
            _namespace.Ports(Kind).Release(this);
            _holdsPort = false;
        }

        CloseListener();
        CloseDatagrams();
        TakeMate()?.Dispose();
        _namespace.ClientConnections.Remove(this);
        if (_descriptor != None)
        {
            _ = Libc.Close(_descriptor);
            _descriptor = None;
        }

        FreeClaim();
        _namespace.Stop.NoteClosing();
        _namespace.Closed(this, wasListening);
    }

    private InetEndPoint Present(InetEndPoint endPoint) => _namespace.Presentation.Of(endPoint, Domain);
}
