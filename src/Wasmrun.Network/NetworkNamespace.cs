using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Text;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network;

/// <summary>
/// The network of one instance: its own ports, its own loopback, the address of its service. Everything that the guest opens
/// belongs to it and is closed with it, after the guest's thread has ended.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private const int PoolSize = 256;

    // Each of them is a descriptor of the runner's, which a guest must not have without end, on however many ports.
    private const int MaxUnaccepted = 1024;

    private const int MaxMailboxBytes = 16 << 20;

    private readonly PortTable _streamPorts = new();
    private readonly PortTable _datagramPorts = new();
    private readonly Dictionary<ulong, VirtualSocket> _open = [];
    private readonly Stack<VirtualSocket> _pool = new();
    private ulong _lastInode;
    private volatile bool _hasEnded;
    private readonly Budget _unaccepted = new(MaxUnaccepted);

    internal NetworkNamespace(ServiceNetwork service, bool accepting)
    {
        if (!Descriptors.HasRoom)
        {
            Stop.Dispose();
            throw new IOException(DescriptorHolding.Complaint);
        }

        Service = service;
        IsAccepting = accepting;
        Presentation = new(service.Stack.Addresses, service.Stack.HostAddresses);
    }

    public ServiceNetwork Service { get; }

    /// <summary>The instance's stop signal: every blocking call of its guest ends when it is requested.</summary>
    public StopSignal Stop { get; } = new();

    /// <summary>What the instance has of the process's descriptors.</summary>
    public DescriptorHolding Descriptors { get; } = new();

    /// <summary>Whether clients are brought to what the guest listens on.</summary>
    public bool IsAccepting { get; internal set; }

    /// <summary>Called on the guest's thread, in the middle of its call, whenever it begins to listen, before anybody else hears of it.</summary>
    public Action? StartsListening { get; set; }

    /// <summary>What the guest listens on now; from any thread.</summary>
    public IReadOnlyList<ListeningPort> Listening =>
    [
        .. Listeners.Select(listener => new ListeningPort(listener.Local.Port, ForwardProtocol.Tcp, listener.Local.Address.ToIPAddress())),
        .. DatagramPorts.Select(port => new ListeningPort(port.Local.Port, ForwardProtocol.Udp, port.Local.Address.ToIPAddress())),
    ];

    /// <summary>Clients whose connections the guest has not closed yet, those that wait to be accepted here included; from any thread.</summary>
    public int Clients => Listeners.Sum(listener => listener.WaitingClients) + ClientConnections.Count;

    /// <summary>The guest's sockets, for its own thread.</summary>
    public IEnumerable<VirtualSocket> OpenSockets => _open.Values;

    /// <summary>
    /// The network of another instance of the service, whose listeners answer on this one's loopback where nothing of its own does: what
    /// checks an instance stands beside it.
    /// </summary>
    public NetworkNamespace? Beside { get; init; }

    internal Presentation Presentation { get; }

    internal ClientTable ClientConnections { get; } = new();

    internal IReadOnlyList<Listener> Listeners => _streamPorts.Listeners();

    /// <summary>The first listener on a port; from any thread.</summary>
    internal Listener? FindListener(int port) => Listeners.FirstOrDefault(listener => listener.Local.Port == port);

    internal IReadOnlyList<DatagramPort> DatagramPorts => _datagramPorts.DatagramPorts();

    /// <summary>Finds an open socket by its number.</summary>
    public bool TryFind(ulong inode, [NotNullWhen(true)] out VirtualSocket? socket) => _open.TryGetValue(inode, out socket);

    public Errno CreateSocket(SocketDomain domain, SocketKind kind, out VirtualSocket? socket)
    {
        socket = null;
        if (domain == SocketDomain.Local)
        {
            return Errno.EAFNOSUPPORT;
        }

        if (!Descriptors.HasRoom)
        {
            return Errno.EMFILE;
        }

        socket = Open(domain, kind, DescriptorHolding.OfSocket);
        return Errno.None;
    }

    /// <summary>Two sockets that are connected to each other.</summary>
    public Errno CreatePair(SocketKind kind, out VirtualSocket? first, out VirtualSocket? second)
    {
        first = second = null;
        if (!Descriptors.HasRoom)
        {
            return Errno.EMFILE;
        }

        var error = KernelSocket.OpenPair(kind == SocketKind.Datagram, out var one, out var other);
        if (error == Errno.None)
        {
            first = Open(SocketDomain.Local, kind, DescriptorHolding.OfConnection);
            first.OpenConnected(one, default, default, ConnectionOrigin.Loopback);
            second = Open(SocketDomain.Local, kind, DescriptorHolding.OfConnection);
            second.OpenConnected(other, default, default, ConnectionOrigin.Loopback);
        }

        return error;
    }

    /// <summary>
    /// For each TCP forward of the service a socket that is as good as listening, to be given to the guest as <c>LISTEN_FDS</c>
    /// says. It takes its port when the guest first uses it, so that it is not in the way of one that listens by itself.
    /// </summary>
    public IReadOnlyList<InheritedListener> CreateInheritedListeners() =>
        [.. Service.Forwards
            .Where(forward => forward.Protocol == ForwardProtocol.Tcp)
            .Select(forward => forward.GuestPort)
            .Distinct()
            .Select(OpenInherited)];

    /// <summary>Finds the addresses of a name, IPv4 first.</summary>
    /// <param name="name">In UTF-8; numeric addresses too.</param>
    /// <param name="addresses">Filled as far as it goes.</param>
    /// <param name="port">The port that is going to be connected to, where that is known; a denial then advises no more than that.</param>
    /// <returns><see cref="Errno.ENOENT"/> for a name that nobody has, <see cref="Errno.EACCES"/> for one that is not to be reached.</returns>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public Errno Resolve(ReadOnlySpan<byte> name, Span<InetAddress> addresses, out int count, int port = 0)
    {
        count = 0;
        if (name.Length > HostName.MaxLength + 1)
        {
            return Errno.ENOENT;
        }

        var text = Encoding.UTF8.GetString(name).TrimEnd('.');
        var found = NameTable.Find(text, Service);
        var error = found.Count > 0 ? Errno.None : Service.Egress.Resolve(text, port, Stop, out found);
        count = Math.Min(found.Count, addresses.Length);
        for (var i = 0; i < count; i++)
        {
            addresses[i] = found[i];
        }

        return error;
    }

    /// <summary>Brings clients to this instance from now on, beside any other that accepts.</summary>
    public Errno StartAccepting() => Service.StartAccepting(this);

    /// <summary>Leaves new clients to the other instances; existing connections, and the guest's own loopback, go on.</summary>
    public void StopAccepting() => Service.StopAccepting(this);

    /// <summary>
    /// Ends the receiving side of client connections that were answered and have been quiet for so long: the guest reads their
    /// end, and closes them between two requests. From any thread.
    /// </summary>
    /// <param name="andLocal">Those of other services too, as soon as nothing of theirs waits to be read.</param>
    public void EndIdleClients(TimeSpan quiet, bool andLocal) => ClientConnections.EndIdle(quiet, andLocal);

    /// <summary>
    /// Connects to what this very instance listens on, past its forwards and whether it accepts or not: what a probe needs.
    /// From any thread.
    /// </summary>
    /// <returns><see cref="Errno.ECONNREFUSED"/> when nothing listens on the port.</returns>
    public Errno TryConnect(int port, out Stream? connection)
    {
        connection = null;
        if (FindListener(port) is not { } listener)
        {
            return Errno.ECONNREFUSED;
        }

        var error = KernelSocket.OpenPair(datagram: false, out var mine, out var theirs);
        if (error != Errno.None)
        {
            return error;
        }

        var gateway = new InetEndPoint(Service.Stack.Addresses.Gateway4, 0);
        if (!listener.TryEnqueue(new(theirs, ConnectionOrigin.Runner, gateway, Service.Address4)))
        {
            _ = Libc.Close(mine);
            _ = Libc.Close(theirs);
            return Errno.ECONNREFUSED;
        }

        connection = new NetworkStream(new Socket(new SafeSocketHandle(mine, ownsHandle: true)), ownsSocket: true);
        return Errno.None;
    }

    /// <summary>Takes note that the guest has ended: that its sockets are closed with it is no news.</summary>
    public void NoteEnd() => _hasEnded = true;

    public void Dispose()
    {
        foreach (var socket in _open.Values.ToList())
        {
            socket.Close();
        }

        Service.Remove(this);
        Stop.Dispose();
        Descriptors.Dispose();
    }

    /// <summary>What the datagrams that wait for the guest's sockets may take of the runner's memory.</summary>
    internal Budget MailboxMemory { get; } = new(MaxMailboxBytes);

    /// <summary>Takes note of a connection inside this process that waits for an accept; false when there are too many. From any thread.</summary>
    internal bool TryAddUnaccepted() => _unaccepted.TryTake(1);

    internal void RemoveUnaccepted() => _unaccepted.Give(1);

    internal PortTable Ports(SocketKind kind) => kind == SocketKind.Stream ? _streamPorts : _datagramPorts;

    /// <summary>Whether a socket may be bound to this address: any, the loopback, or the service's own.</summary>
    internal bool Owns(InetAddress address)
    {
        address = address.Unmapped();
        return address.IsAny || address.IsLoopback || address == Service.Address4 || address == Service.Address6;
    }

    internal Route Route(InetAddress address) => RouteTable.Find(address, this);

    /// <summary>The address from which a connection to this one is made.</summary>
    internal InetAddress SourceFor(InetAddress remote)
    {
        if (Owns(remote))
        {
            return remote;
        }

        return remote.Domain == SocketDomain.Inet4 ? Service.Address4 : Service.Address6;
    }

    /// <summary>Gives an accepted connection to the guest.</summary>
    internal VirtualSocket Adopt(AcceptedConnection accepted, SocketDomain domain, ushort port)
    {
        var socket = Open(domain, SocketKind.Stream, DescriptorHolding.OfConnection);
        socket.OpenConnected(accepted.Descriptor, new(accepted.Local, port), accepted.Peer, accepted.Origin);
        ClientConnections.Add(socket, accepted.Origin);
        return socket;
    }

    internal void StartedListening(VirtualSocket socket)
    {
        StartsListening?.Invoke();
        Service.Stack.Observer.GuestListening(Service, this, socket.Local.Port, ProtocolOf(socket));
    }

    internal void StoppedListening(VirtualSocket socket)
    {
        if (!_hasEnded)
        {
            Service.Stack.Observer.GuestStoppedListening(Service, this, socket.Local.Port, ProtocolOf(socket));
        }
    }

    /// <summary>Takes a closed socket back.</summary>
    internal void Closed(VirtualSocket socket, bool wasListening)
    {
        _open.Remove(socket.Inode);
        Descriptors.Give(socket.Backing);
        if (wasListening)
        {
            StoppedListening(socket);
        }

        if (_pool.Count < PoolSize)
        {
            _pool.Push(socket);
        }
    }

    private static ForwardProtocol ProtocolOf(VirtualSocket socket) =>
        socket.Kind == SocketKind.Stream ? ForwardProtocol.Tcp : ForwardProtocol.Udp;

    /// <summary>Opens a socket that may be backed by so many kernel descriptors.</summary>
    private VirtualSocket Open(SocketDomain domain, SocketKind kind, int backing)
    {
        if (!_pool.TryPop(out var socket))
        {
            socket = new(this);
        }

        Descriptors.Take(backing);
        socket.Open(domain, kind, ++_lastInode, backing);
        _open.Add(socket.Inode, socket);
        return socket;
    }

    private InheritedListener OpenInherited(int port)
    {
        var socket = Open(SocketDomain.Inet4, SocketKind.Stream, DescriptorHolding.OfSocket);
        socket.OpenInherited(port);
        return new(socket, port);
    }
}
