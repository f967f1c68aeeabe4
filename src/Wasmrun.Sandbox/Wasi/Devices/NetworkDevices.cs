using System.Globalization;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Sockets;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>
/// The device tree <c>/net</c>: how a guest gets its sockets whose language has no more than files. Side effects are those of
/// opening and writing, never of looking.
/// </summary>
internal static class NetworkDevices
{
    public const string GuestPath = "/net";

    public static DeviceDirectory Open(GuestSockets sockets) => new(Build(sockets), Rights.All, Rights.All, FdFlags.None);

    private static FixedFolder Build(GuestSockets sockets)
    {
        var opener = new SocketOpener(sockets);
        var network = sockets.Network;
        var root = new FixedFolder(null, "");
        root.Add(new ControlFolder(root, sockets));
        root.Add(Socket(root, "datagram-pair", opener.Pair(SocketKind.Datagram)));
        root.Add(new NamedFolder(root, "dns", (folder, host) => DeviceText.Of(folder, host, (out text) => SocketText.Addresses(network, host, out text))));
        root.Add(DeviceText.Of(root, "hostname", (out text) => SocketText.HostName(network, out text)));
        root.Add(Socket(root, "pair", opener.Pair(SocketKind.Stream)));
        root.Add(new DeviceFile(root, "signals", FileType.CharacterDevice, (in request, out opened) => SignalsDescriptor.Open(request, network.Stop, out opened)));
        root.Add(Streams(root, "tcp", SocketDomain.Inet4, opener));
        root.Add(Streams(root, "tcp6", SocketDomain.Inet6, opener));
        root.Add(Datagrams(root, "udp", SocketDomain.Inet4, opener));
        root.Add(Datagrams(root, "udp6", SocketDomain.Inet6, opener));
        return root;
    }

    private static FixedFolder Streams(DeviceFolder parent, string name, SocketDomain domain, SocketOpener opener)
    {
        var folder = new FixedFolder(parent, name);
        folder.Add(ByRemote(folder, "connect", (host, port) => opener.Connect(SocketKind.Stream, domain, host, port)));
        folder.Add(ByLocal(folder, "listen", (host, port) => opener.Listen(domain, host, port)));
        folder.Add(Socket(folder, "new", opener.New(domain, SocketKind.Stream)));
        return folder;
    }

    private static FixedFolder Datagrams(DeviceFolder parent, string name, SocketDomain domain, SocketOpener opener)
    {
        var folder = new FixedFolder(parent, name);
        folder.Add(ByLocal(folder, "bind", (host, port) => opener.Bind(domain, host, port)));
        folder.Add(ByRemote(folder, "connect", (host, port) => opener.Connect(SocketKind.Datagram, domain, host, port)));
        folder.Add(Socket(folder, "new", opener.New(domain, SocketKind.Datagram)));
        return folder;
    }

    /// <summary>A folder of devices <c>HOST/PORT</c>.</summary>
    private static NamedFolder ByRemote(DeviceFolder parent, string name, Func<string, ushort, DeviceOpener> opener) =>
        new(parent, name, (folder, host) => OfHost(folder, host, opener));

    /// <summary>A folder of devices <c>PORT</c>, for every address of the service, and <c>HOST/PORT</c>.</summary>
    private static NamedFolder ByLocal(DeviceFolder parent, string name, Func<string, ushort, DeviceOpener> opener) =>
        new(parent, name, (folder, first) =>
            TryParsePort(first, out var port) ? Socket(folder, first, opener(HostResolver.Any, port))
            : first.All(char.IsAsciiDigit) ? null // no port, and no host either
            : OfHost(folder, first, opener));

    private static NamedFolder OfHost(DeviceFolder parent, string host, Func<string, ushort, DeviceOpener> opener) =>
        new(parent, host, (folder, name) => TryParsePort(name, out var port) ? Socket(folder, name, opener(host, port)) : null);

    private static DeviceFile Socket(DeviceFolder parent, string name, DeviceOpener opener) => new(parent, name, FileType.CharacterDevice, opener);

    private static bool TryParsePort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);
}
