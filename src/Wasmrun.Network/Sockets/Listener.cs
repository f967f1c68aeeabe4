using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;
using Wasmrun.Network.Services;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// What a listening socket of a guest accepts from: kernel listeners of forwards and of the service, which come and go while
/// the guest waits, and a queue for connections made inside this process. One descriptor is readable when any of them has one.
/// </summary>
internal sealed class Listener : IDisposable
{
    private const int LongestStreak = 8;

    private const int MaxBacklog = 1024;

    private readonly Lock _gate = new();
    private readonly ReadinessSet _ready;
    private readonly Queue<AcceptedConnection> _queue = [];
    private readonly EventCounter _queued;
    private ConnectionSource[] _sources = [];
    private int _next;
    private int _streak;

    private Listener(NetworkNamespace owner, InetEndPoint local, bool isPicked, ReadinessSet ready, EventCounter queued)
    {
        Namespace = owner;
        Local = local;
        IsPicked = isPicked;
        _ready = ready;
        _queued = queued;
    }

    public NetworkNamespace Namespace { get; }

    public InetEndPoint Local { get; }

    /// <summary>Whether its port was picked for it, and will be another one next time.</summary>
    public bool IsPicked { get; }

    public SocketDomain Domain => Local.Address.Domain;

    /// <summary>Whether other services reach it: a socket on the guest's own loopback is for the guest and for its forwards.</summary>
    public bool IsReachable => !Local.Address.Unmapped().IsLoopback;

    /// <summary>Set, under the lock of the service, when the guest has closed the socket.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Connections that the guest may make to itself before it accepts them; as on Linux, there is room for one more.</summary>
    public int Backlog
    {
        get;
        set => field = (int)Math.Min((uint)value, MaxBacklog);
    }

    /// <summary>Clients that have come to this very instance and are not accepted yet; neither the guest itself nor the runner is one.</summary>
    public int WaitingClients
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count(connection => ClientTable.IsClient(connection.Origin));
            }
        }
    }

    /// <summary>Readable while a connection waits.</summary>
    public int Descriptor => _ready.Descriptor;

    public static Errno TryOpen(NetworkNamespace owner, InetEndPoint local, bool isPicked, int backlog, out Listener? listener)
    {
        listener = null;
        var error = ReadinessSet.TryOpen(out var ready);
        if (error != Errno.None)
        {
            return error;
        }

        error = EventCounter.TryOpen(out var queued);
        error = error == Errno.None ? ready!.Add(queued!.Descriptor, 0, onlyNews: false) : error;
        if (error != Errno.None)
        {
            ready!.Dispose();
            queued?.Dispose();
            return error;
        }

        listener = new(owner, local, isPicked, ready!, queued!) { Backlog = backlog };
        return Errno.None;
    }

    /// <summary>Replaces the kernel listeners, from any thread: an accept that waits goes on with the new ones.</summary>
    public void SetSources(ConnectionSource[] sources)
    {
        lock (_gate)
        {
            foreach (var gone in _sources.Except(sources))
            {
                _ready.Remove(gone.Descriptor);
            }

            foreach (var added in sources.Except(_sources))
            {
                _ = _ready.Add(added.Descriptor, 0, onlyNews: false);
            }

            _sources = sources;
            _next = 0;
        }
    }

    /// <summary>Puts a client of another service into the queue, however many there are.</summary>
    public void Enqueue(AcceptedConnection connection)
    {
        lock (_gate)
        {
            _queue.Enqueue(connection);
            _queued.Increment();
        }
    }

    /// <summary>Puts a connection made inside this process into the queue, unless it is full or closed.</summary>
    public bool TryEnqueue(AcceptedConnection connection)
    {
        lock (_gate)
        {
            if (_queued.Descriptor < 0 || _queue.Count > Backlog || !Namespace.TryAddUnaccepted())
            {
                return false;
            }

            _queue.Enqueue(connection);
            _queued.Increment();
            return true;
        }
    }

    /// <summary>Takes a waiting connection from any source, each in its turn; <see cref="Errno.EAGAIN"/> when there is none.</summary>
    public Errno TryAccept(out AcceptedConnection accepted)
    {
        lock (_gate)
        {
            for (var i = 0; i <= _sources.Length; i++)
            {
                var index = (_next + i) % (_sources.Length + 1);
                var error = index == _sources.Length ? TryDequeue(out accepted) : _sources[index].TryAccept(out accepted);
                if (error == Errno.None)
                {
                    TakeTurn(index);
                    Namespace.ClientConnections.Taken(accepted.Origin);
                    return Errno.None;
                }

                if (error is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM)
                {
                    return error;
                }

                // Anything else is a connection that broke before it was accepted, which is no news for the guest.
            }
        }

        accepted = default;
        return Errno.EAGAIN;
    }

    /// <summary>Takes back a client of another service that the guest has not accepted; false when there is none left.</summary>
    public bool TryTakeBack(out AcceptedConnection connection)
    {
        lock (_gate)
        {
            for (var waiting = _queue.Count; waiting > 0; waiting--)
            {
                connection = _queue.Dequeue();
                if (connection.Origin == ConnectionOrigin.Service)
                {
                    _queued.Decrement();
                    return true;
                }

                _queue.Enqueue(connection);
            }
        }

        connection = default;
        return false;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _sources = [];
            _ready.Dispose();
            _queued.Dispose();
            while (_queue.TryDequeue(out var connection))
            {
                KernelSocket.Reset(connection.Descriptor);
                NoLongerWaits(connection);
            }
        }
    }

    private Errno TryDequeue(out AcceptedConnection accepted)
    {
        if (!_queue.TryDequeue(out accepted))
        {
            return Errno.EAGAIN;
        }

        _queued.Decrement();
        NoLongerWaits(accepted);
        return Errno.None;
    }

    private void NoLongerWaits(AcceptedConnection connection)
    {
        if (connection.Origin == ConnectionOrigin.Service)
        {
            Namespace.Service.PeersTakenIn.Give(1);
        }
        else
        {
            Namespace.RemoveUnaccepted();
        }
    }

    /// <summary>Stays with a busy source, which saves asking the others, but not for so long that these starve.</summary>
    private void TakeTurn(int index)
    {
        _streak = index == _next ? _streak + 1 : 1;
        _next = index;
        if (_streak >= LongestStreak)
        {
            _streak = 0;
            _next = (index + 1) % (_sources.Length + 1);
        }
    }
}
