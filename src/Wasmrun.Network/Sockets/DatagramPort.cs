using Wasmrun.Network.Addresses;
using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// What a bound datagram socket receives from and sends through: the forwards of its port, the other sockets of the stack, and
/// kernel sockets of its own for the outside. It remembers which way each of its peers has come, so that answers go back there.
/// </summary>
internal sealed class DatagramPort : IDisposable
{
    private const int RememberedPeers = 4096;

    /// <summary>How many datagrams that the guest is not to see one call throws away: a flood of them must not keep it.</summary>
    private const int MostStrangers = 64;
    private const int None = -1;

    private readonly Lock _gate = new();
    private readonly ReadinessSet _ready;
    private readonly EventCounter _arrived;
    private readonly RecentMap<InetEndPoint, (HostListener Forward, InetEndPoint Real)> _clients = new(RememberedPeers);
    private readonly RecentMap<InetEndPoint, InetEndPoint> _contacted = new(RememberedPeers);
    private RecentMap<InetEndPoint, InetEndPoint>? _translated;
    private RecentMap<(HostListener Forward, InetEndPoint Real), InetEndPoint>? _alike;
    private HostListener[] _forwards = [];
    private int _outside4 = None;
    private int _outside6 = None;
    private int _next;

    private DatagramPort(NetworkNamespace owner, bool isClient, ReadinessSet ready, EventCounter arrived)
    {
        Namespace = owner;
        IsClient = isClient;
        _ready = ready;
        _arrived = arrived;
        Mailbox = new(arrived, owner.MailboxMemory);
    }

    public NetworkNamespace Namespace { get; }

    /// <summary>Whether its port was picked for it: such a socket asks others and serves nobody.</summary>
    public bool IsClient { get; }

    public InetEndPoint Local { get; set; }

    public Mailbox Mailbox { get; }

    /// <summary>The only one whom a connected socket hears, as the guest knows it.</summary>
    public InetEndPoint? Peer
    {
        get
        {
            lock (_gate)
            {
                return field;
            }
        }

        set
        {
            lock (_gate)
            {
                field = value;
            }
        }
    }

    /// <summary>Whether the datagram received last has come from within the stack: whom the guest is not to hear is kept out there when it sends. For the guest's own thread.</summary>
    public bool CameFromStack { get; private set; }

    public bool IsReachable => !Local.Address.Unmapped().IsLoopback;

    /// <summary>Set, under the lock of the service, when the guest has closed the socket.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Readable while a datagram waits.</summary>
    public int Descriptor => _ready.Descriptor;

    private int Sources => _forwards.Length + 3;

    public static Errno TryOpen(NetworkNamespace owner, bool isClient, out DatagramPort? port)
    {
        port = null;
        var error = ReadinessSet.TryOpen(out var ready);
        if (error != Errno.None)
        {
            return error;
        }

        error = EventCounter.TryOpen(out var arrived);
        error = error == Errno.None ? ready!.Add(arrived!.Descriptor, 0, onlyNews: false) : error;
        if (error != Errno.None)
        {
            ready!.Dispose();
            arrived?.Dispose();
            return error;
        }

        port = new(owner, isClient, ready!, arrived!);
        return Errno.None;
    }

    /// <summary>Whether what somebody of the stack sends is for this socket, as far as that depends on who it is.</summary>
    public bool Hears(InetEndPoint from)
    {
        var peer = Peer;
        return peer is null || peer == (Local.Address.Domain == SocketDomain.Inet4 ? Namespace.Presentation.Of(from, SocketDomain.Inet4) : from);
    }

    /// <summary>Replaces the forwards, from any thread: a receive that waits goes on with the new ones.</summary>
    public void SetForwards(HostListener[] forwards)
    {
        lock (_gate)
        {
            foreach (var gone in _forwards.Except(forwards))
            {
                _ready.Remove(gone.Descriptor);
            }

            foreach (var added in forwards.Except(_forwards))
            {
                _ = _ready.Add(added.Descriptor, 0, onlyNews: false);
            }

            _forwards = forwards;
            _next = 0;
        }
    }

    /// <summary>
    /// Takes a waiting datagram from any source, each in its turn; <see cref="Errno.EAGAIN"/> when there is none,
    /// and what the kernel tells of a peer outside that cannot be reached.
    /// </summary>
    /// <param name="from">Who has sent it, as the guest is to see it.</param>
    public Errno TryReceive(ReadOnlySpan<IoVector> buffers, bool peek, out InetEndPoint from, out nuint count, out bool truncated)
    {
        lock (_gate)
        {
            for (var i = 0; i < Sources; i++)
            {
                var source = (_next + i) % Sources;
                var error = TryReceive(source, buffers, peek, out from, out count, out truncated);
                if (error == Errno.None || (source > _forwards.Length && error is not (Errno.EAGAIN or Errno.EINTR)))
                {
                    CameFromStack = source == _forwards.Length;
                    _next = peek ? source : (source + 1) % Sources;
                    return error;
                }
            }
        }

        (from, count, truncated) = (default, 0, false);
        return Errno.EAGAIN;
    }

    /// <summary>Answers a client of a forward.</summary>
    /// <returns>False when the address is not that of one.</returns>
    public bool TryAnswer(InetEndPoint client, ReadOnlySpan<IoVector> buffers, out nuint count, out Errno error)
    {
        (HostListener Forward, InetEndPoint Real) way;
        lock (_gate)
        {
            if (!_clients.TryGet(client, out way))
            {
                (count, error) = (0, Errno.None);
                return false;
            }
        }

        error = way.Forward.SendTo(way.Real, buffers, out count);
        if (error == Errno.EAGAIN)
        {
            // What there is no room for is lost, as further on the way.
            (error, count) = (Errno.None, IoVector.Total(buffers));
        }

        return true;
    }

    /// <summary>
    /// The address to answer at: a guest with an IPv4 socket knows whoever has come from an IPv6 address of the stack by its IPv4 address,
    /// but who has asked the one waits for an answer of the same. For the guest's own thread.
    /// </summary>
    public InetEndPoint RealOf(InetEndPoint shown) => _translated is not null && _translated.TryGet(shown, out var real) ? real : shown;

    /// <summary>Sends to the outside, which has been checked.</summary>
    /// <param name="shown">The address under which the guest knows the real one.</param>
    /// <param name="descriptor">What to wait for when there is no room.</param>
    public Errno SendOutside(InetEndPoint real, InetEndPoint shown, ReadOnlySpan<IoVector> buffers, out nuint count, out int descriptor)
    {
        lock (_gate)
        {
            count = 0;
            var error = OpenOutside(real.Address.Domain, out descriptor);
            if (error != Errno.None)
            {
                return error;
            }

            _contacted.Set(real, shown);
            return KernelDatagram.Send(descriptor, buffers, real, out count);
        }
    }

    /// <summary>Has the kernel tell, by <see cref="Errno.ECONNREFUSED"/>, when nobody is at the one address that the guest is connected to.</summary>
    public Errno ConnectOutside(InetEndPoint real)
    {
        lock (_gate)
        {
            var error = OpenOutside(real.Address.Domain, out var descriptor);
            return error == Errno.None ? KernelSocket.Connect(descriptor, KernelAddress.From(real)) : error;
        }
    }

    /// <summary>What the kernel has to tell of a peer outside; asking takes it away.</summary>
    public Errno TakeError()
    {
        lock (_gate)
        {
            return TakeError(_outside4) is not Errno.None and var error ? error : TakeError(_outside6);
        }
    }

    /// <summary>Whether the guest has sent there before, so that it need not be checked again.</summary>
    public bool HasContacted(InetEndPoint real)
    {
        lock (_gate)
        {
            return _contacted.TryGet(real, out _);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _forwards = [];
            Mailbox.Close();
            _ready.Dispose();
            _arrived.Dispose();
            Close(ref _outside4);
            Close(ref _outside6);
        }
    }

    private static Errno TakeError(int descriptor) => descriptor == None ? Errno.None : KernelSocket.TakeError(descriptor);

    private static void Close(ref int descriptor)
    {
        if (descriptor != None)
        {
            _ = Libc.Close(descriptor);
            descriptor = None;
        }
    }

    private Errno OpenOutside(SocketDomain domain, out int descriptor)
    {
        ref var outside = ref domain == SocketDomain.Inet4 ? ref _outside4 : ref _outside6;
        if (outside == None)
        {
            var error = KernelSocket.OpenInet(domain, datagram: true, out outside);
            if (error != Errno.None)
            {
                descriptor = outside = None;
                return error;
            }

            _ = _ready.Add(outside, 0, onlyNews: false);
        }

        descriptor = outside;
        return Errno.None;
    }

    private Errno TryReceive(int source, ReadOnlySpan<IoVector> buffers, bool peek, out InetEndPoint from, out nuint count, out bool truncated)
    {
        if (source < _forwards.Length)
        {
            var forward = _forwards[source];
            var error = KernelDatagram.Receive(forward.Descriptor, buffers, peek, out var real, out count, out truncated);
            from = error == Errno.None ? Remember(forward, real) : default;
            return error;
        }

        return (source - _forwards.Length) switch
        {
            0 => TryTake(buffers, peek, out from, out count, out truncated),
            1 => TryReceiveOutside(_outside4, buffers, peek, out from, out count, out truncated),
            _ => TryReceiveOutside(_outside6, buffers, peek, out from, out count, out truncated),
        };
    }

    private Errno TryTake(ReadOnlySpan<IoVector> buffers, bool peek, out InetEndPoint from, out nuint count, out bool truncated)
    {
        var error = Mailbox.TryTake(buffers, peek, out from, out count, out truncated);
        if (error == Errno.None && Local.Address.Domain == SocketDomain.Inet4 && (_translated is not null || from.Address.Domain == SocketDomain.Inet6))
        {
            var real = from;
            from = Namespace.Presentation.Of(real, SocketDomain.Inet4);
            _translated ??= new(RememberedPeers);
            _translated.Set(from, real);
        }

        return error;
    }

    private InetEndPoint Remember(HostListener forward, InetEndPoint real)
    {
        if (_alike is not null && _alike.TryGet((forward, real), out var own) && _clients.TryGet(own, out var owner) && owner == (forward, real))
        {
            return own;
        }

        var shown = Namespace.Presentation.Of(Namespace.Presentation.OfClient(real), Local.Address.Domain);
        var key = shown with { Address = shown.Address.Unmapped() };
        if (!_clients.TryGet(key, out var known) || !_forwards.Contains(known.Forward))
        {
            _clients.Set(key, (forward, real));
            return key;
        }

        return known == (forward, real) ? key : RememberBeside(key, (forward, real));
    }

    /// <summary>Tells two clients apart that the guest would know by the same address: the later one is given another port.</summary>
    private InetEndPoint RememberBeside(InetEndPoint taken, (HostListener Forward, InetEndPoint Real) client)
    {
        InetEndPoint key;
        do
        {
            key = taken with { Port = (ushort)Random.Shared.Next(1024, ushort.MaxValue + 1) };
        }
        while (_clients.TryGet(key, out _));

        _alike ??= new(RememberedPeers);
        _alike.Set(client, key);
        _clients.Set(key, client);
        return key;
    }

    /// <summary>Like a firewall that remembers: only those answer whom the guest has asked.</summary>
    private Errno TryReceiveOutside(
        int descriptor, ReadOnlySpan<IoVector> buffers, bool peek, out InetEndPoint from, out nuint count, out bool truncated)
    {
        for (var strangers = 0; descriptor != None && strangers < MostStrangers; strangers++)
        {
            var error = KernelDatagram.Receive(descriptor, buffers, peek, out var real, out count, out truncated);
            from = default;
            if (error != Errno.None || _contacted.TryGet(real, out from))
            {
                return error;
            }

            if (peek)
            {
                _ = KernelDatagram.Receive(descriptor, [], peek: false, out _, out _, out _);
            }
        }

        (from, count, truncated) = (default, 0, false);
        return Errno.EAGAIN;
    }
}
