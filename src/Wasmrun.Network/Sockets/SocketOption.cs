namespace Wasmrun.Network.Sockets;

/// <summary>The options that a guest can read or set. Values are numbers; flags are 0 or 1, times are in nanoseconds.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man7/socket.7.html"/>
public enum SocketOption
{
    /// <summary><c>SO_NODELAY</c>: send at once; what is accepted has it on already.</summary>
    NoDelay = 0,

    KeepAlive = 1,

    /// <summary>Seconds of silence before the first probe.</summary>
    KeepAliveIdle = 2,

    /// <summary>Seconds between two probes.</summary>
    KeepAliveInterval = 3,

    KeepAliveCount = 4,

    /// <summary>Bytes; as the kernel does, twice what was asked for is read back.</summary>
    ReceiveBuffer = 5,

    SendBuffer = 6,

    /// <summary>Seconds; negative is off.</summary>
    Linger = 7,

    /// <summary>Send to hosts of the same network alone.</summary>
    DontRoute = 8,

    /// <summary>Leave an urgent byte where it is among the others.</summary>
    UrgentInline = 9,

    /// <summary>Bytes that a receive in blocking mode waits for.</summary>
    ReceiveLowWater = 10,

    /// <summary>May share a port that nobody listens on.</summary>
    ReuseAddress = 11,

    /// <summary>Leave the IPv4 port of the same number to others.</summary>
    OnlyVersion6 = 12,

    Broadcast = 13,

    /// <summary>0 is for ever.</summary>
    ReceiveTimeout = 14,

    /// <summary>0 is for ever.</summary>
    SendTimeout = 15,

    /// <summary>The waiting error, in Linux's numbers; reading takes it away.</summary>
    Error = 16,

    /// <summary>A <see cref="SocketKind"/>.</summary>
    Kind = 17,

    /// <summary>A <see cref="Addresses.SocketDomain"/>.</summary>
    Domain = 18,

    /// <summary>Whether it listens.</summary>
    AcceptsConnections = 19,
}
