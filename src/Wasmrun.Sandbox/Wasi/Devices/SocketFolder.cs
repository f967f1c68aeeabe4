using System.Globalization;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>
/// Everything that can be done with one open socket beside reading and writing it. The socket is looked for at every use:
/// it may have been closed since this folder was found.
/// </summary>
internal sealed class SocketFolder(DeviceFolder parent, ulong inode, GuestSockets sockets)
    : DeviceFolder(parent, inode.ToString(CultureInfo.InvariantCulture))
{
    private static readonly string[] _names =
        ["accept", "control", "datagrams", "dup", "error", "local", "mate", "options", "peek", "peek-datagrams", "peer"];

    private delegate Errno Use(VirtualSocket socket, in OpenRequest request, out Descriptor? opened);

    private delegate Errno Describe(VirtualSocket socket, out string text);

    public override IReadOnlyList<DeviceNode> Entries => [.. _names.Select(name => Find(name)!)];

    public override DeviceNode? Find(ReadOnlySpan<byte> name) => Find(System.Text.Encoding.UTF8.GetString(name));

    private DeviceNode? Find(string name) => name switch
    {
        "accept" => Device(name, Accept),
        "control" => Device(name, Control),
        "datagrams" => Device(name, (socket, in request, out opened) => Share(socket, new DatagramDescriptor(socket.Kind, sockets, peek: false), request, out opened)),
        "dup" => Device(name, (socket, in request, out opened) => Share(socket, new SocketDescriptor(socket.Kind, sockets), request, out opened)),
        "error" => Text(name, SocketText.TakeError),
        "local" => Text(name, SocketText.Local),
        "mate" => Device(name, Mate),
        "options" => new NamedFolder(this, name, FindOption) { Listed = () => SocketOptionNames.All.Keys },
        "peek" => Device(name, (socket, in request, out opened) => Share(socket, new PeekDescriptor(socket.Kind, sockets), request, out opened)),
        "peek-datagrams" => Device(name, (socket, in request, out opened) => Share(socket, new DatagramDescriptor(socket.Kind, sockets, peek: true), request, out opened)),
        "peer" => Text(name, SocketText.Peer),
        _ => null,
    };

    private DeviceFile? FindOption(DeviceFolder folder, string name) =>
        SocketOptionNames.All.TryGetValue(name, out var option)
            ? DeviceText.Of(folder, name, (out string text) => Look((VirtualSocket socket, out string shown) => SocketText.Option(socket, option, out shown), out text))
            : null;

    private DeviceFile Text(string name, Describe describe) => DeviceText.Of(this, name, (out string text) => Look(describe, out text));

    private DeviceFile Device(string name, Use use) => new(this, name, FileType.CharacterDevice, (in OpenRequest request, out Descriptor? opened) =>
    {
        opened = null;
        return sockets.Network.TryFind(inode, out var socket) ? use(socket, request, out opened) : Errno.ENOENT;
    });

    private Errno Look(Describe describe, out string text)
    {
        text = "";
        return sockets.Network.TryFind(inode, out var socket) ? describe(socket, out text) : Errno.ENOENT;
    }

    private Errno Accept(VirtualSocket socket, in OpenRequest request, out Descriptor? opened)
    {
        var error = socket.Accept(out var connection);
        opened = error == Errno.None ? sockets.Open(connection!, SocketOpener.Granted(request), request.Flags) : null;
        return error;
    }

    private Errno Mate(VirtualSocket socket, in OpenRequest request, out Descriptor? opened)
    {
        opened = socket.TakeMate() is { } mate ? sockets.Open(mate, SocketOpener.Granted(request), request.Flags) : null;
        return opened is null ? Errno.ENOENT : Errno.None;
    }

    private Errno Control(VirtualSocket socket, in OpenRequest request, out Descriptor? opened)
    {
        opened = new ControlDescriptor(socket, sockets.Network, request.Rights, request.Flags);
        return Errno.None;
    }

    /// <summary>Gives the guest a further descriptor of a socket, which changes nothing about those it has.</summary>
    private static Errno Share(VirtualSocket socket, SocketDescriptor descriptor, in OpenRequest request, out Descriptor? opened)
    {
        socket.AddReference();
        descriptor.Open(socket, SocketOpener.Granted(request), request.Flags | (socket.NonBlocking ? FdFlags.NonBlock : FdFlags.None));
        opened = descriptor;
        return Errno.None;
    }
}
