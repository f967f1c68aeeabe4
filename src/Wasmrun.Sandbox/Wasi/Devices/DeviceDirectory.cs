using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>An open folder of the device tree. What is in the tree can be opened and looked at, and nothing else.</summary>
internal sealed class DeviceDirectory(DeviceFolder folder, Rights rights, Rights inheriting, FdFlags flags)
    : DirectoryDescriptor(rights, inheriting, flags)
{
    private const byte Separator = (byte)'/';
    private const int Dots = 2;

    public override Errno Open(ReadOnlySpan<byte> path, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        var error = Find(path, out var node);
        return error == Errno.None ? node!.Open(request, out opened) : error;
    }

    public override Errno GetStatus(out FileStatus status)
    {
        status = folder.Status;
        return Errno.None;
    }

    public override Errno GetPathStatus(ReadOnlySpan<byte> path, bool follow, out FileStatus status)
    {
        var error = Find(path, out var node);
        status = node?.Status ?? default;
        return error;
    }

    public override Errno Sync(bool dataOnly) => Errno.None;

    public override Errno SetTimes(in FileTimes times) => Errno.EROFS;

    public override Errno SetPathTimes(ReadOnlySpan<byte> path, bool follow, in FileTimes times) => Refuse(path);

    public override Errno CreateDirectory(ReadOnlySpan<byte> path) => Find(path, out _) == Errno.None ? Errno.EEXIST : Errno.EROFS;

    public override Errno RemoveBelow(ReadOnlySpan<byte> path) => Refuse(path);

    public override Errno Unlink(ReadOnlySpan<byte> path) => Refuse(path);

    public override Errno Symlink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path) => CreateDirectory(path);

    public override Errno ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, out int count)
    {
        count = 0;
        return Find(path, out _) is var error and not Errno.None ? error : Errno.EINVAL;
    }

    public override Errno Link(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        target.Actual is DeviceDirectory ? Refuse(path) : Errno.EXDEV;

    public override Errno RenameBelow(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        Link(path, target, targetPath);

    public override Errno ReadEntries(ulong cookie, ref DirectoryEntrySink sink)
    {
        var entries = folder.Entries;
        for (var index = cookie; index < (ulong)(entries.Count + Dots) && !sink.IsFull; index++)
        {
            DeviceNode node = index switch
            {
                0 => folder,
                1 => folder.Parent ?? folder,
                _ => entries[(int)index - Dots],
            };
            sink.Add(index + 1, node.Inode, node.Type, index == 0 ? "."u8 : index == 1 ? ".."u8 : node.Name);
        }

        return Errno.None;
    }

    private Errno Refuse(ReadOnlySpan<byte> path) => Find(path, out _) is var error and not Errno.None ? error : Errno.EROFS;

    /// <summary>Walks a path from this folder on, and never above it.</summary>
    private Errno Find(ReadOnlySpan<byte> path, out DeviceNode? found)
    {
        DeviceNode at = folder;
        found = null;
        foreach (var range in path.Split(Separator))
        {
            if (at is not DeviceFolder around)
            {
                return Errno.ENOTDIR;
            }

            var next = path[range] switch
            {
                [] or [(byte)'.'] => at,
                [(byte)'.', (byte)'.'] => at == folder ? null : around.Parent,
                var name => around.Find(name),
            };
            if (next is null)
            {
                return at == folder && path[range] is [(byte)'.', (byte)'.'] ? Errno.EPERM : Errno.ENOENT;
            }

            at = next;
        }

        found = at;
        return Errno.None;
    }
}
