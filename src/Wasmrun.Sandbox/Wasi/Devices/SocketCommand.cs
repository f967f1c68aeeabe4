using System.Globalization;
using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>What can be written to a socket's control file.</summary>
internal static class SocketCommand
{
    private const int DefaultBacklog = 128;

    private static readonly char[] _separators = [' ', '\n'];

    /// <summary>Runs one command.</summary>
    /// <returns>Its outcome; <see cref="Errno.EINVAL"/> for one that is none.</returns>
    public static Errno Run(VirtualSocket socket, NetworkNamespace network, string command) =>
        command.Split(_separators, StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["bind", var host, var port] when TryReadPort(port, out var number) => Bind(socket, network, host, number),
            ["listen"] => socket.Listen(DefaultBacklog),
            ["listen", var backlog] when TryRead(backlog, out var number) => socket.Listen((int)Math.Clamp(number, 0, int.MaxValue)),
            ["connect", var host, var port] when TryReadPort(port, out var number) => Connect(socket, network, host, number),
            ["shutdown", "read"] => socket.Shutdown(SocketDirections.Receive),
            ["shutdown", "write"] => socket.Shutdown(SocketDirections.Send),
            ["shutdown", "both"] => socket.Shutdown(SocketDirections.Both),
            ["option", var name, var value] when TryRead(value, out var number) => SetOption(socket, name, number),
            _ => Errno.EINVAL,
        };

    private static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static bool TryReadPort(string text, out ushort port) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private static Errno SetOption(VirtualSocket socket, string name, long value) =>
        SocketOptionNames.All.TryGetValue(name, out var option)
            ? socket.SetOption(option, SocketOptionNames.FromText(option, value))
            : Errno.ENOPROTOOPT;

    private static Errno Bind(VirtualSocket socket, NetworkNamespace network, string host, ushort port)
    {
        Span<InetAddress> addresses = stackalloc InetAddress[HostResolver.MaxAddresses];
        var error = HostResolver.Resolve(network, host, socket.Domain, addresses, out _);
        return error == Errno.None ? socket.Bind(new(addresses[0], port)) : error;
    }

    /// <summary>Connects to the first of the host's addresses that answers.</summary>
    private static Errno Connect(VirtualSocket socket, NetworkNamespace network, string host, ushort port)
    {
        Span<InetAddress> addresses = stackalloc InetAddress[HostResolver.MaxAddresses];
        var error = HostResolver.Resolve(network, host, socket.Domain, addresses, out var count, port);
        for (var index = 0; index < count; index++)
        {
            error = socket.Connect(new(addresses[index], port));
            if (error is Errno.None or Errno.EINPROGRESS or Errno.EISCONN or Errno.EALREADY)
            {
                break;
            }
        }

        return error;
    }
}
