using Wasmrun.Network.Addresses;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// Bare socket descriptors as every part of the network uses them: never blocking, never inherited by a child process, and
/// with an <see cref="Errno"/> as the only way to fail. Whoever opens one closes it.
/// </summary>
internal static unsafe class KernelSocket
{
    private const int Flags = Libc.SockNonBlock | Libc.SockCloseOnExec;

    public static Errno OpenInet(SocketDomain domain, bool datagram, out int fd)
    {
        fd = Libc.Socket(domain == SocketDomain.Inet4 ? Libc.AfInet : Libc.AfInet6, Type(datagram), 0);
        if (fd < 0)
        {
            return Libc.LastError;
        }

        // Two families never share a kernel socket here: [::] beside 0.0.0.0 must not be a conflict.
        return domain == SocketDomain.Inet6 ? CloseOnError(fd, SetOption(fd, Libc.IpProtocolIpv6, Libc.Ipv6Only, 1)) : Errno.None;
    }

    public static Errno OpenUnix(bool datagram, out int fd)
    {
        fd = Libc.Socket(Libc.AfUnix, Type(datagram), 0);
        return fd < 0 ? Libc.LastError : Errno.None;
    }

    public static Errno OpenPair(bool datagram, out int first, out int second)
    {
        var pair = stackalloc int[2] { -1, -1 };
        var result = Libc.SocketPair(Libc.AfUnix, Type(datagram), 0, pair);
        (first, second) = (pair[0], pair[1]);
        return result < 0 ? Libc.LastError : Errno.None;
    }

    public static Errno Bind(int fd, KernelAddress address)
    {
        fixed (byte* bytes = &address.Start())
        {
            return Result(Libc.Bind(fd, bytes, address.Length));
        }
    }

    public static Errno Listen(int fd, int backlog) => Result(Libc.Listen(fd, backlog));

    public static Errno Connect(int fd, KernelAddress address)
    {
        fixed (byte* bytes = &address.Start())
        {
            return Result(Libc.Connect(fd, bytes, address.Length));
        }
    }

    /// <summary>Takes a waiting connection; <see cref="Errno.EAGAIN"/> when there is none.</summary>
    public static Errno Accept(int fd, out int connection, out KernelAddress peer)
    {
        peer = default;
        peer.Length = KernelAddress.Capacity;
        fixed (byte* bytes = &peer.Start())
        {
            fixed (uint* length = &peer.Length)
            {
                do
                {
                    connection = Libc.Accept4(fd, bytes, length, Flags);
                }
                while (connection < 0 && Libc.LastError == Errno.EINTR);
            }
        }

        return connection < 0 ? Libc.LastError : Errno.None;
    }

    /// <summary>Looks whether a descriptor is ready, without waiting.</summary>
    public static bool IsReady(int fd, PollEvents events)
    {
        var descriptor = new Libc.PollDescriptor { Fd = fd, Requested = events };
        var now = default(Libc.Timespec);
        return Libc.PPoll(&descriptor, 1, &now, 0) > 0;
    }

    public static Errno Shutdown(int fd, int how) => Result(Libc.Shutdown(fd, how));

    public static Errno LocalAddress(int fd, out KernelAddress address)
    {
        address = default;
        address.Length = KernelAddress.Capacity;
        fixed (byte* bytes = &address.Start())
        {
            fixed (uint* length = &address.Length)
            {
                return Result(Libc.GetSocketName(fd, bytes, length));
            }
        }
    }

    public static Errno SetOption(int fd, int level, int name, int value) =>
        Result(Libc.SetSocketOption(fd, level, name, &value, sizeof(int)));

    public static Errno GetOption(int fd, int level, int name, out int value)
    {
        var read = 0;
        uint length = sizeof(int);
        var result = Result(Libc.GetSocketOption(fd, level, name, &read, &length));
        value = read;
        return result;
    }

    /// <summary>The error that waits at the socket; asking takes it away.</summary>
    public static Errno TakeError(int fd)
    {
        var result = GetOption(fd, Libc.SolSocket, Libc.SoError, out var error);
        return result == Errno.None ? (Errno)error : result;
    }

    /// <summary>Whether a socket is connected, or was until its peer ended.</summary>
    public static bool HasPeer(int fd)
    {
        byte nothing;
        uint length = 0;
        return Libc.GetPeerName(fd, &nothing, &length) == 0;
    }

    /// <summary>Sets how long a close waits for what is still to be sent.</summary>
    /// <param name="seconds">Negative closes in the background; 0 resets the connection.</param>
    public static Errno SetLinger(int fd, int seconds)
    {
        var linger = new Libc.Linger { Enabled = seconds < 0 ? 0 : 1, Seconds = Math.Max(0, seconds) };
        return Result(Libc.SetSocketOption(fd, Libc.SolSocket, Libc.SoLinger, &linger, (uint)sizeof(Libc.Linger)));
    }

    /// <summary>Closes with a reset instead of an orderly end, so that a client learns that nobody has served it.</summary>
    public static void Reset(int fd)
    {
        _ = SetLinger(fd, 0);
        _ = Libc.Close(fd);
    }

    private static int Type(bool datagram) => (datagram ? Libc.SockDatagram : Libc.SockStream) | Flags;

    private static Errno Result(int result) => result < 0 ? Libc.LastError : Errno.None;

    private static Errno CloseOnError(int fd, Errno error)
    {
        if (error != Errno.None)
        {
            _ = Libc.Close(fd);
        }

        return error;
    }
}
