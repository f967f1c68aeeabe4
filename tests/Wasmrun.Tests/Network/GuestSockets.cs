using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

/// <summary>What a guest does with its sockets, short enough to be read in a test.</summary>
internal static unsafe class GuestSockets
{
    private const int BufferSize = 4096;

    public static VirtualSocket Tcp(this NetworkNamespace guest, SocketDomain domain = SocketDomain.Inet4)
    {
        Assert.Equal(Errno.None, guest.CreateSocket(domain, SocketKind.Stream, out var socket));
        return socket!;
    }

    /// <summary>A socket that listens on a port of all the guest's addresses and does not wait.</summary>
    public static VirtualSocket Listen(this NetworkNamespace guest, int port, SocketDomain domain = SocketDomain.Inet4)
    {
        var socket = guest.Tcp(domain);
        Assert.Equal(Errno.None, socket.Bind(new(InetAddress.AnyOf(domain), (ushort)port)));
        Assert.Equal(Errno.None, socket.Listen(128));
        socket.NonBlocking = true;
        return socket;
    }

    public static InetEndPoint At(string address, int port)
    {
        Assert.True(InetAddress.TryParse(address, out var parsed));
        return new(parsed, (ushort)port);
    }

    public static InetEndPoint Resolve(this NetworkNamespace guest, string name, int port)
    {
        Span<InetAddress> addresses = stackalloc InetAddress[8];
        Assert.Equal(Errno.None, guest.Resolve(Encoding.UTF8.GetBytes(name), addresses, out _));
        return new(addresses[0], (ushort)port);
    }

    /// <summary>Accepts in blocking mode.</summary>
    public static VirtualSocket AcceptOne(this VirtualSocket listener)
    {
        listener.NonBlocking = false;
        Assert.Equal(Errno.None, listener.Accept(out var connection));
        listener.NonBlocking = true;
        return connection!;
    }

    public static InetEndPoint Peer(this VirtualSocket socket)
    {
        Assert.Equal(Errno.None, socket.GetPeer(out var peer));
        return peer;
    }

    public static void SendText(this VirtualSocket socket, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            Assert.Equal(Errno.None, socket.Send([new((nint)start, (nuint)bytes.Length)], out var sent));
            Assert.Equal((nuint)bytes.Length, sent);
        }
    }

    public static VirtualSocket Datagram(this NetworkNamespace guest, SocketDomain domain = SocketDomain.Inet4)
    {
        Assert.Equal(Errno.None, guest.CreateSocket(domain, SocketKind.Datagram, out var socket));
        return socket!;
    }

    /// <summary>A datagram socket that is bound to a port of all the guest's addresses; 0 picks one.</summary>
    public static VirtualSocket Udp(this NetworkNamespace guest, int port, SocketDomain domain = SocketDomain.Inet4)
    {
        var socket = guest.Datagram(domain);
        Assert.Equal(Errno.None, socket.Bind(new(InetAddress.AnyOf(domain), (ushort)port)));
        return socket;
    }

    public static Errno TrySendTo(this VirtualSocket socket, string text, InetEndPoint remote)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            return socket.SendTo([new((nint)start, (nuint)bytes.Length)], remote, out _);
        }
    }

    public static void SendTextTo(this VirtualSocket socket, string text, InetEndPoint remote) =>
        Assert.Equal(Errno.None, socket.TrySendTo(text, remote));

    public static (string Text, InetEndPoint Sender) ReceiveTextFrom(this VirtualSocket socket)
    {
        var bytes = new byte[BufferSize];
        fixed (byte* start = bytes)
        {
            Assert.Equal(Errno.None, socket.ReceiveFrom([new((nint)start, BufferSize)], ReceiveFlags.None, out var count, out _, out var sender));
            return (Encoding.UTF8.GetString(bytes, 0, (int)count), sender);
        }
    }

    public static (string Text, bool Truncated) ReceiveShort(this VirtualSocket socket, int length, ReceiveFlags flags)
    {
        var bytes = new byte[length];
        fixed (byte* start = bytes)
        {
            Assert.Equal(Errno.None, socket.Receive([new((nint)start, (nuint)length)], flags, out var count, out var truncated));
            return (Encoding.UTF8.GetString(bytes, 0, (int)count), truncated);
        }
    }

    public static string ReceiveText(this VirtualSocket socket)
    {
        Assert.Equal(Errno.None, socket.TryReceive(out var text));
        return text;
    }

    public static Errno TryReceive(this VirtualSocket socket, out string text)
    {
        var bytes = new byte[BufferSize];
        fixed (byte* start = bytes)
        {
            var error = socket.Receive([new((nint)start, BufferSize)], ReceiveFlags.None, out var count, out _);
            text = Encoding.UTF8.GetString(bytes, 0, (int)count);
            return error;
        }
    }
}
