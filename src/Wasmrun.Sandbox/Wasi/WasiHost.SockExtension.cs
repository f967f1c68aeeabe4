using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi;

/// <content>The widespread socket extension of preview 1: what opens, binds and connects sockets.</content>
/// <seealso href="https://github.com/second-state/wasmedge_wasi_socket"/>
internal sealed unsafe partial class WasiHost
{
    private const uint Datagram = 1;
    private const uint Stream = 2;

    private static bool DefineSocketExtension(ImportDefiner definer) => definer.Name switch
    {
        "sock_open" => definer.Add(static (host, a) => host.OpenSocket(a[0], a[1], a[2])),
        "sock_bind" => definer.Add(static (host, a) => host.Bind(a[0], a[1], a[2])),
        "sock_listen" => definer.Add(static (host, a) => host.Listen(a[0], a[1])),
        "sock_connect" => definer.Add(static (host, a) => host.Connect(a[0], a[1], a[2])),
        "sock_recv_from" => definer.Add(static (host, a) => host.ReceiveFrom(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7])),
        "sock_send_to" => definer.Add(static (host, a) => host.SendTo(a[0], a[1], a[2], a[3], a[4], a[5], a[6])),
        "sock_getlocaladdr" => definer.Add(static (host, a) => host.GetLocalAddress(a[0], a[1], a[2], a[3])),
        "sock_getpeeraddr" => definer.Add(static (host, a) => host.GetPeerAddress(a[0], a[1], a[2], a[3])),
        "sock_getsockopt" => definer.Add(static (host, a) => host.GetSocketOption(a[0], a[1], a[2], a[3], a[4])),
        "sock_setsockopt" => definer.Add(static (host, a) => host.SetSocketOption(a[0], a[1], a[2], a[3], a[4])),
        "sock_getaddrinfo" => definer.Add(static (host, a) => host.GetAddressInfo(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7])),
        _ => false,
    };

    private WasiErrno OpenSocket(uint family, uint type, uint result)
    {
        var memory = Memory;
        memory.Check<uint>(result);
        if (!_descriptors.HasRoom)
        {
            return WasiErrno.EMFILE;
        }

        SocketDomain? domain = family switch
        {
            ExtensionAddress.Inet4 => SocketDomain.Inet4,
            ExtensionAddress.Inet6 => SocketDomain.Inet6,
            _ => null,
        };
        SocketKind? kind = type switch
        {
            Datagram => SocketKind.Datagram,
            Stream => SocketKind.Stream,
            _ => null,
        };
        if (domain is null || kind is null)
        {
            return domain is null ? WasiErrno.EAFNOSUPPORT : WasiErrno.EPROTONOSUPPORT;
        }

        if (_options.Network.CreateSocket(domain.Value, kind.Value, out var socket) is var error and not Errno.None)
        {
            return error.ToWasi();
        }

        var outcome = _descriptors.Add(_sockets.Open(socket!, Rights.Socket, FdFlags.None), out var number);
        memory.Write(result, number);
        return outcome;
    }

    private WasiErrno Bind(uint fd, uint address, uint port)
    {
        if (GetSocket(fd, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        error = ExtensionAddress.Read(Memory, address, port, out var wanted);
        return error == WasiErrno.None ? socket.Bind(wanted).ToWasi() : error;
    }

    private WasiErrno Listen(uint fd, uint backlog)
    {
        var error = GetSocket(fd, out var socket);
        return error == WasiErrno.None ? socket.Listen((int)Math.Min(backlog, int.MaxValue)).ToWasi() : error;
    }

    private WasiErrno Connect(uint fd, uint address, uint port)
    {
        if (GetSocket(fd, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        error = ExtensionAddress.Read(Memory, address, port, out var remote);
        return error == WasiErrno.None ? socket.Connect(remote).ToWasi() : error;
    }

    private WasiErrno ReceiveFrom(uint fd, uint vectors, uint count, uint address, uint flags, uint port, uint result, uint resultFlags)
    {
        if ((flags & ~(PeekFlag | WaitAllFlag)) != 0)
        {
            return WasiErrno.EINVAL;
        }

        if (GetSocket(fd, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        var length = memory.Place<uint>(result);
        memory.Check<ushort>(resultFlags);
        memory.Check<uint>(port);
        if (ExtensionAddress.CheckLong(memory, address) is var bad and not WasiErrno.None)
        {
            return bad;
        }

        Span<IoVector> space = stackalloc IoVector[GuestMemory.VectorsTaken(count)];
        var buffers = memory.Vectors(vectors, count, space);
        var outcome = socket.ReceiveFrom(buffers, (ReceiveFlags)flags, out var read, out var truncated, out var sender);
        if (outcome == Errno.None)
        {
            memory.Write(resultFlags, truncated ? TruncatedFlag : (ushort)0);
            memory.Write(port, (uint)sender.Port);
            ExtensionAddress.WriteLong(memory, address, sender.Address);
        }

        return Answer(length, outcome, read);
    }

    private WasiErrno SendTo(uint fd, uint vectors, uint count, uint address, uint port, uint flags, uint result)
    {
        if (flags != 0)
        {
            return WasiErrno.EINVAL;
        }

        if (GetSocket(fd, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        var length = memory.Place<uint>(result);
        if (ExtensionAddress.Read(memory, address, port, out var remote) is var bad and not WasiErrno.None)
        {
            return bad;
        }

        Span<IoVector> space = stackalloc IoVector[GuestMemory.VectorsTaken(count)];
        var outcome = socket.SendTo(memory.Vectors(vectors, count, space), remote, out var sent);
        return Answer(length, outcome, sent);
    }

    private WasiErrno GetLocalAddress(uint fd, uint address, uint type, uint port)
    {
        var error = GetSocket(fd, out var socket);
        return error == WasiErrno.None ? ExtensionAddress.Write(Memory, address, type, port, socket.LocalEndPoint) : error;
    }

    private WasiErrno GetPeerAddress(uint fd, uint address, uint type, uint port)
    {
        if (GetSocket(fd, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        var outcome = socket.GetPeer(out var peer);
        return outcome == Errno.None ? ExtensionAddress.Write(Memory, address, type, port, peer) : outcome.ToWasi();
    }

    private WasiErrno GetSocketOption(uint fd, uint level, uint name, uint value, uint size)
    {
        if (GetSocket(fd, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        return level == 0 ? ExtensionOption.Get(socket, Memory, (ExtensionOptionName)name, value, size) : WasiErrno.ENOPROTOOPT;
    }

    private WasiErrno SetSocketOption(uint fd, uint level, uint name, uint value, uint size)
    {
        if (GetSocket(fd, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        return level == 0 ? ExtensionOption.Set(socket, Memory, (ExtensionOptionName)name, value, size) : WasiErrno.ENOPROTOOPT;
    }

    private WasiErrno GetSocket(uint fd, out VirtualSocket socket)
    {
        socket = null!;
        if (_descriptors.Get(fd, Rights.None, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        if (descriptor is not SocketDescriptor found)
        {
            return WasiErrno.ENOTSOCK;
        }

        socket = found.Socket;
        return WasiErrno.None;
    }
}
