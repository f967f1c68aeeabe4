using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>
/// A place in the device tree: what is opened there is made at that moment, and looking at it changes nothing. Most places
/// do not exist until somebody names them, as there is one for each port and host.
/// </summary>
internal abstract class DeviceNode(DeviceFolder? parent, string name, FileType type)
{
    private const ulong HashStart = 0xcbf29ce484222325;
    private const ulong HashFactor = 0x100000001b3;

    /// <summary>No file system has this device number.</summary>
    private const ulong Device = ulong.MaxValue - 1;

    /// <summary>The folder above; null for the root.</summary>
    public DeviceFolder? Parent { get; } = parent;

    public byte[] Name { get; } = Encoding.UTF8.GetBytes(name);

    public FileType Type { get; } = type;

    /// <summary>The same for the same path, whenever and however often the place is looked for.</summary>
    public ulong Inode => Name.Aggregate(Parent?.Inode ?? HashStart, (hash, next) => (hash ^ next) * HashFactor) | 1UL << 63;

    public FileStatus Status => new() { Device = Device, Inode = Inode, Type = Type, Links = 1 };

    /// <summary>Opens it; the descriptor belongs to the caller.</summary>
    public abstract Errno Open(in OpenRequest request, out Descriptor? opened);
}
