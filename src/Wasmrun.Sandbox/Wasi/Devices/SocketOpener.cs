using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>Opens the devices that make new sockets.</summary>
internal sealed class SocketOpener(GuestSockets sockets)
{
    private const int Backlog = 4096;

    /// <summary>What a guest may do with a socket that it may read or write; rights of files say nothing about it.</summary>
    private const Rights Implied = Rights.SetFlags | Rights.GetStatus | Rights.Poll | Rights.Shutdown | Rights.Accept;

    public static Rights Granted(in OpenRequest request) =>
        request.Rights | (request.Reads || request.Writes ? Implied & request.Inheriting : Rights.None);

    /// <summary>A socket that is neither bound nor connected.</summary>
    public DeviceOpener New(SocketDomain domain, SocketKind kind) => (in OpenRequest request, out Descriptor? opened) =>
    {
        var error = sockets.Network.CreateSocket(domain, kind, out var socket);
        return Complete(error, socket, request, out opened);
    };

    /// <summary>A datagram socket that is bound.</summary>
    public DeviceOpener Bind(SocketDomain domain, string host, ushort port) => (in OpenRequest request, out Descriptor? opened) =>
    {
        var error = Bound(domain, SocketKind.Datagram, host, port, out var socket);
        return Complete(error, socket, request, out opened);
    };

    /// <summary>A stream socket that listens.</summary>
    public DeviceOpener Listen(SocketDomain domain, string host, ushort port) => (in OpenRequest request, out Descriptor? opened) =>
    {
        var error = Bound(domain, SocketKind.Stream, host, port, out var socket);
        return Complete(error == Errno.None ? socket!.Listen(Backlog) : error, socket, request, out opened);
    };

    /// <summary>A connected socket; one that is opened without blocking may still be about to connect.</summary>
    /// <param name="domain">With <see cref="SocketDomain.Inet4"/> IPv6 addresses will do, too, after those of IPv4.</param>
    /// <param name="host">A name or an address. Of several addresses the first that answers is taken.</param>
    public DeviceOpener Connect(SocketKind kind, SocketDomain domain, string host, ushort port) => (in OpenRequest request, out Descriptor? opened) =>
    {
        opened = null;
        Span<InetAddress> addresses = stackalloc InetAddress[HostResolver.MaxAddresses];
        var error = domain == SocketDomain.Inet4
            ? HostResolver.Resolve(sockets.Network, host, addresses, out var count, port)
            : HostResolver.Resolve(sockets.Network, host, domain, addresses, out count, port);
        for (var index = 0; index < count && opened is null; index++)
        {
            error = sockets.Network.CreateSocket(addresses[index].Domain, kind, out var socket);
            if (error == Errno.None)
            {
                socket!.NonBlocking = request.Flags.HasFlag(FdFlags.NonBlock);
                error = socket.Connect(new(addresses[index], port));
            }

            error = Complete(error == Errno.EINPROGRESS ? Errno.None : error, socket, request, out opened);
        }

        return error;
    };

    /// <summary>One end of a connected pair, which keeps the other one until somebody asks for it.</summary>
    public DeviceOpener Pair(SocketKind kind) => (in OpenRequest request, out Descriptor? opened) =>
    {
        var error = sockets.Network.CreatePair(kind, out var socket, out var mate);
        if (error == Errno.None)
        {
            socket!.KeepMate(mate!);
        }

        return Complete(error, socket, request, out opened);
    };

    private Errno Bound(SocketDomain domain, SocketKind kind, string host, ushort port, out VirtualSocket? socket)
    {
        socket = null;
        Span<InetAddress> addresses = stackalloc InetAddress[HostResolver.MaxAddresses];
        var error = HostResolver.Resolve(sockets.Network, host, domain, addresses, out _);
        error = error == Errno.None ? sockets.Network.CreateSocket(domain, kind, out socket) : error;
        return error == Errno.None ? socket!.Bind(new(addresses[0], port)) : error;
    }

    /// <summary>Gives a socket to the guest, or closes it when it has not become what was wanted.</summary>
    private Errno Complete(Errno error, VirtualSocket? socket, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        if (error == Errno.None)
        {
            opened = sockets.Open(socket!, Granted(request), request.Flags);
        }
        else
        {
            socket?.Dispose();
        }

        return error;
    }
}
