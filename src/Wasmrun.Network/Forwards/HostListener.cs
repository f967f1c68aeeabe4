using System.Net;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Forwards;

/// <summary>One kernel socket of a forward, bound to one of the host's addresses (and listening, for TCP).</summary>
internal sealed class HostListener : IDisposable
{
    // As many as the kernel allows: whoever connects while nobody listens inside waits here.
    private const int Backlog = 4096;

    private readonly Lock _gate = new();
    private int _fd;

    private HostListener(int fd, SocketDomain domain, IPEndPoint endPoint)
    {
        _fd = fd;
        Domain = domain;
        EndPoint = endPoint;
    }

    public int Descriptor => _fd;

    public SocketDomain Domain { get; }

    public IPEndPoint EndPoint { get; }

    /// <summary>Binds one address and port, and listens if that is what the protocol does.</summary>
    /// <param name="port">0 lets the system choose.</param>
    public static Errno TryBind(IPAddress address, int port, ForwardProtocol protocol, out HostListener? listener)
    {
        listener = null;
        var domain = InetAddress.From(address).Domain;
        var error = KernelSocket.OpenInet(domain, protocol == ForwardProtocol.Udp, out var fd);
        if (error != Errno.None)
        {
            return error;
        }

        error = protocol == ForwardProtocol.Tcp ? Listen(fd, address, port) : KernelSocket.Bind(fd, KernelAddress.From(address, port));
        if (error == Errno.None)
        {
            error = KernelSocket.LocalAddress(fd, out var bound);
            listener = new(fd, domain, new(address, bound.EndPoint.Port));
        }

        if (error != Errno.None)
        {
            _ = Libc.Close(fd);
        }

        return error;
    }

    /// <summary>Sends a datagram to a client; from any thread, also when the forward is gone.</summary>
    public Errno SendTo(InetEndPoint client, ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        // A guest may answer a client long after the forward by which it came was closed, and its number given to another file.
        lock (_gate)
        {
            count = 0;
            return _fd >= 0 ? KernelDatagram.Send(_fd, buffers, client, out count) : Errno.ENETUNREACH;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_fd >= 0)
            {
                _ = Libc.Close(_fd);
                _fd = -1;
            }
        }
    }

    private static Errno Listen(int fd, IPAddress address, int port)
    {
        // As servers do: connections of an earlier run in TIME_WAIT are no obstacle, another listener still is.
        var error = KernelSocket.SetOption(fd, Libc.SolSocket, Libc.SoReuseAddress, 1);

        // Accepted connections inherit this, which saves a system call for each of them.
        error = error == Errno.None ? KernelSocket.SetOption(fd, Libc.IpProtocolTcp, Libc.TcpNoDelay, 1) : error;
        error = error == Errno.None ? KernelSocket.Bind(fd, KernelAddress.From(address, port)) : error;
        return error == Errno.None ? KernelSocket.Listen(fd, Backlog) : error;
    }
}
