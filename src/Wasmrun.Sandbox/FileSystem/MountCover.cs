using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// What other mounts hide of one mounted folder of the host: the places below it that are mount points, and the folders on the way to them.
/// Each is known by its place, for whatever the host puts there later, and by what lay there at the start, whatever way leads to it.
/// </summary>
internal sealed unsafe class MountCover : IDisposable
{
    private const byte Separator = (byte)'/';

    private readonly List<Place> _places = [];
    private readonly HostDirectory _folder;

    /// <summary>Looks at what other mounts hide, once.</summary>
    /// <param name="folder">The mounted folder, which stays the caller's.</param>
    /// <param name="root">Its place in the tree, which is whole by now.</param>
    /// <param name="made">When the tree was made.</param>
    public MountCover(HostDirectory folder, MountNode root, ulong made)
    {
        (_folder, Root, Made) = (folder, root, made);
        Add(root, []);
    }

    public MountNode Root { get; }

    public ulong Made { get; }

    public HostMount Mount => _folder.Mount;

    /// <summary>The place of what has this identity, if it is one that this cover knows.</summary>
    public MountNode? Find(FileStatus status)
    {
        foreach (var place in _places)
        {
            if (place.Handle >= 0 && place.Inode == status.Inode && place.Device == status.Device)
            {
                return place.Node;
            }
        }

        return null;
    }

    /// <summary>The place of a name in an open folder.</summary>
    /// <param name="at">The folder's own place, where it is known to have one.</param>
    public MountNode? Find(int folder, MountNode? at, ReadOnlySpan<byte> name)
    {
        if (at is not null)
        {
            return at.Find(name);
        }

        // The host may have moved a folder, which the guest holds open, on to the way to a mount point.
        foreach (var place in _places)
        {
            if (name.SequenceEqual(place.Node.Name) && place.WayToFolder is { Length: > 0 } way && IsAt(folder, way))
            {
                return place.Node;
            }
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var place in _places.Where(place => place.Handle >= 0))
        {
            _ = Libc.Close(place.Handle);
        }

        _places.Clear();
    }

    private static byte[] Below(byte[] way, MountNode node) => way.Length == 0 ? node.Name : [.. way, Separator, .. node.Name];

    private void Add(MountNode node, byte[] way)
    {
        // What is open keeps its number, which could otherwise become another file's. Where two places lead to the same, the one further up has it.
        var handle = Open(way, out var status);
        if (handle >= 0 && Find(status) is not null)
        {
            _ = Libc.Close(handle);
            handle = -1;
        }

        _places.Add(new(node, way, handle, status.Device, status.Inode));
        foreach (var child in node == Root || !node.IsMounted ? node.Children : [])
        {
            Add(child, Below(way, child));
        }
    }

    /// <summary>Whether an open folder is what now lies at a place.</summary>
    private bool IsAt(int folder, byte[] way)
    {
        var handle = Open(way, out var there);
        if (handle < 0)
        {
            return false;
        }

        _ = Libc.Close(handle);
        return HostTransfer.GetStatus(folder, out var status) == Errno.None && (status.Device, status.Inode) == (there.Device, there.Inode);
    }

    /// <summary>Opens what lies at a place, links followed, for nothing but to be known again.</summary>
    /// <returns>Negative when there is nothing that can be opened.</returns>
    private int Open(byte[] way, out FileStatus status)
    {
        status = default;
        fixed (byte* path = (byte[])[.. way.Length == 0 ? "."u8 : way, 0])
        {
            if (Mount.Resolver.Open(_folder.Handle, path, HostOpenFlags.PathOnly, out var handle) != Errno.None)
            {
                return -1;
            }

            if (HostTransfer.GetStatus(handle, out status) == Errno.None)
            {
                return handle;
            }

            _ = Libc.Close(handle);
            return -1;
        }
    }

    /// <summary>One place in the tree, and what the mounted folder has there.</summary>
    /// <param name="Way">From the mounted folder on; empty for that itself.</param>
    /// <param name="Handle">Of what lay there at the start; negative when there was nothing.</param>
    private readonly record struct Place(MountNode Node, byte[] Way, int Handle, ulong Device, ulong Inode)
    {
        /// <summary>The way to the folder that it lies in; empty for what lies in the mounted folder, which never moves, and for that itself.</summary>
        public byte[] WayToFolder => Way[..Math.Max(0, Way.AsSpan().LastIndexOf(Separator))];
    }
}
