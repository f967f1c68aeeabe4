using System.Globalization;
using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>What the device tree says of sockets and hosts, one fact a line.</summary>
internal static class SocketText
{
    /// <summary>Address and port of this end; of an end of a pair, which has none, an empty line.</summary>
    public static Errno Local(VirtualSocket socket, out string text)
    {
        text = Line(socket.LocalEndPoint, socket.Domain);
        return Errno.None;
    }

    /// <summary>Address and port of the other end.</summary>
    public static Errno Peer(VirtualSocket socket, out string text)
    {
        var error = socket.GetPeer(out var peer);
        text = Line(peer, socket.Domain);
        return error;
    }

    /// <summary>The error that waits at the socket, in the numbers of preview 1, which is taken from it.</summary>
    public static Errno TakeError(VirtualSocket socket, out string text)
    {
        text = string.Create(CultureInfo.InvariantCulture, $"{(int)socket.TakeError().ToWasi()}\n");
        return Errno.None;
    }

    public static Errno Option(VirtualSocket socket, SocketOption option, out string text)
    {
        var error = socket.GetOption(option, out var value);
        text = string.Create(CultureInfo.InvariantCulture, $"{SocketOptionNames.ToText(option, value)}\n");
        return error;
    }

    /// <summary>The addresses of a host, in the order in which they should be tried.</summary>
    public static Errno Addresses(NetworkNamespace network, string host, out string text)
    {
        Span<InetAddress> addresses = stackalloc InetAddress[HostResolver.MaxAddresses];
        var error = HostResolver.Resolve(network, host, addresses, out var count);
        var lines = new StringBuilder();
        foreach (var address in addresses[..count])
        {
            lines.Append(address).Append('\n');
        }

        text = lines.ToString();
        return error;
    }

    /// <summary>The name under which other services find this one.</summary>
    public static Errno HostName(NetworkNamespace network, out string text)
    {
        text = $"{network.Service.Name}\n";
        return Errno.None;
    }

    /// <summary>All that can be said of a socket without changing anything.</summary>
    public static string Summary(VirtualSocket socket)
    {
        _ = Local(socket, out var local);
        var text = new StringBuilder()
            .Append("kind ").Append(socket.Kind == SocketKind.Stream ? "stream" : "datagram").Append('\n')
            .Append("state ").Append(socket.IsListening ? "listening" : socket.IsConnected ? "connected" : "open").Append('\n')
            .Append("local ").Append(local);
        if (Peer(socket, out var peer) == Errno.None)
        {
            text.Append("peer ").Append(peer);
        }

        foreach (var (name, option) in SocketOptionNames.All)
        {
            if (Option(socket, option, out var value) == Errno.None)
            {
                text.Append(name).Append(' ').Append(value);
            }
        }

        return text.ToString();
    }

    private static string Line(InetEndPoint endPoint, SocketDomain domain) =>
        domain == SocketDomain.Local ? "\n" : string.Create(CultureInfo.InvariantCulture, $"{endPoint.Address} {endPoint.Port}\n");
}
