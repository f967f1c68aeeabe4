using System.Globalization;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>
/// The folder <c>/net/ctl</c>, with a folder for each open socket under its inode number: the one name of a socket that
/// survives whatever a guest's runtime does to the numbers of its descriptors.
/// </summary>
internal sealed class ControlFolder(DeviceFolder parent, GuestSockets sockets) : DeviceFolder(parent, "ctl")
{
    public override IReadOnlyList<DeviceNode> Entries =>
        [.. sockets.Network.OpenSockets.Select(socket => socket.Inode).Order().Select(inode => new SocketFolder(this, inode, sockets))];

    public override DeviceNode? Find(ReadOnlySpan<byte> name) =>
        ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var inode) && sockets.Network.TryFind(inode, out _)
            ? new SocketFolder(this, inode, sockets)
            : null;
}
