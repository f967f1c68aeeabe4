using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network.Namespaces;

/// <summary>
/// The ports of one namespace that sockets of one protocol are bound to, with the rules that a kernel has for sharing them.
/// Changed by the guest's thread, read by others too.
/// </summary>
internal sealed class PortTable
{
    /// <summary>How many ports there are that nobody chooses.</summary>
    public const int EphemeralCount = 60999 - FirstEphemeral + 1;

    private const int FirstEphemeral = 32768;

    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, VirtualSocket> _sockets = [];
    private int _nextEphemeral = Random.Shared.Next(EphemeralCount);

    /// <summary>Binds a socket to its wanted address; port 0 picks a free one.</summary>
    public Errno Bind(VirtualSocket socket, InetEndPoint wanted)
    {
        lock (_gate)
        {
            if (wanted.Port == 0)
            {
                return BindEphemeral(socket, wanted.Address);
            }

            if (!IsFree(socket, wanted))
            {
                return Errno.EADDRINUSE;
            }

            Add(socket, wanted);
            return Errno.None;
        }
    }

    public void Release(VirtualSocket socket)
    {
        lock (_gate)
        {
            if (!_sockets.TryGetValue(socket.Local.Port, out var current))
            {
                return;
            }

            if (current != socket)
            {
                while (current.NextOnPort is { } next && next != socket)
                {
                    current = next;
                }

                current.NextOnPort = socket.NextOnPort;
            }
            else if (socket.NextOnPort is { } successor)
            {
                _sockets[socket.Local.Port] = successor;
            }
            else
            {
                _sockets.Remove(socket.Local.Port);
            }

            socket.NextOnPort = null;
        }
    }

    /// <summary>Whether a bound socket may begin to listen: of those that share its port none may listen already.</summary>
    public bool CanListen(VirtualSocket socket)
    {
        lock (_gate)
        {
            for (var other = _sockets.GetValueOrDefault(socket.Local.Port); other is not null; other = other.NextOnPort)
            {
                if (other != socket && other.IsListening && Overlap(socket, socket.Local.Address, other))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>
    /// Who receives what is sent to an address of the namespace: one connected to the sender first, then one bound to exactly that address, then one of
    /// its family.
    /// </summary>
    /// <param name="sender">Of a datagram; a connected socket hears no other than its peer.</param>
    public VirtualSocket? Find(InetEndPoint destination, InetEndPoint sender = default)
    {
        lock (_gate)
        {
            VirtualSocket? best = null;
            for (var socket = _sockets.GetValueOrDefault(destination.Port); socket is not null; socket = socket.NextOnPort)
            {
                var isForIt = socket.Receives(destination.Address) && socket.Datagrams?.Hears(sender) != false;
                if (isForIt && (best is null || Closeness(socket, destination) > Closeness(best, destination)))
                {
                    best = socket;
                }
            }

            return best;
        }
    }

    /// <summary>Everything that listens; from any thread.</summary>
    public IReadOnlyList<Listener> Listeners()
    {
        var listening = new List<Listener>();
        lock (_gate)
        {
            foreach (var first in _sockets.Values)
            {
                for (var socket = first; socket is not null; socket = socket.NextOnPort)
                {
                    if (socket.Listener is { } listener)
                    {
                        listening.Add(listener);
                    }
                }
            }
        }

        return listening;
    }

    /// <summary>Every datagram socket that serves; from any thread.</summary>
    public IReadOnlyList<DatagramPort> DatagramPorts()
    {
        var serving = new List<DatagramPort>();
        lock (_gate)
        {
            foreach (var first in _sockets.Values)
            {
                for (var socket = first; socket is not null; socket = socket.NextOnPort)
                {
                    if (socket.Datagrams is { IsClient: false } datagrams)
                    {
                        serving.Add(datagrams);
                    }
                }
            }
        }

        return serving;
    }

    private static int Closeness(VirtualSocket socket, InetEndPoint destination) =>
        socket.Datagrams?.Peer is not null ? 3 : !socket.Local.Address.IsAny ? 2 : socket.Domain == destination.Address.Domain ? 1 : 0;

    private static bool Overlap(VirtualSocket socket, InetAddress wanted, VirtualSocket other)
    {
        var held = other.Local.Address;
        if (wanted.Domain == held.Domain)
        {
            return wanted == held || wanted.IsAny || held.IsAny;
        }

        // An IPv6 socket takes the IPv4 port as well, unless it was told not to.
        var (six, four, only6) = wanted.Domain == SocketDomain.Inet6 ? (wanted, held, socket.OnlyVersion6) : (held, wanted, other.OnlyVersion6);
        return !only6 && (six.IsAny || (six.IsMapped && (four.IsAny || six.Unmapped() == four)));
    }

    private Errno BindEphemeral(VirtualSocket socket, InetAddress address)
    {
        for (var i = 0; i < EphemeralCount; i++)
        {
            var candidate = new InetEndPoint(address, (ushort)(FirstEphemeral + _nextEphemeral));
            _nextEphemeral = (_nextEphemeral + 1) % EphemeralCount;
            if (!_sockets.ContainsKey(candidate.Port))
            {
                Add(socket, candidate);
                return Errno.None;
            }
        }

        return Errno.EADDRINUSE;
    }

    private bool IsFree(VirtualSocket socket, InetEndPoint wanted)
    {
        for (var other = _sockets.GetValueOrDefault(wanted.Port); other is not null; other = other.NextOnPort)
        {
            var shared = socket.ReuseAddress && other.ReuseAddress && !other.IsListening;
            if (!shared && Overlap(socket, wanted.Address, other))
            {
                return false;
            }
        }

        return true;
    }

    private void Add(VirtualSocket socket, InetEndPoint local)
    {
        socket.Local = local;
        socket.NextOnPort = _sockets.GetValueOrDefault(local.Port);
        _sockets[local.Port] = socket;
    }
}
