using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// A folder with mounts below it. Paths that lead into one of them go there; the others go to the folder itself, and where
/// nothing is mounted there is only an empty, read-only folder that shows the mounts. What a path leads into is told by
/// its names here; behind a link, or by a way through another folder, the folder itself finds the mounts (<see cref="CoveredDirectory"/>).
/// </summary>
/// <param name="below">The mounted folder itself, which is closed with this one; null where nothing is mounted.</param>
/// <param name="made">When the tree was made: all times of a folder that is nowhere.</param>
internal sealed class MountPointDirectory(
    MountNode node, DirectoryDescriptor? below, ulong made, Rights rights, Rights inheriting, FdFlags flags)
    : DirectoryDescriptor(rights, inheriting, flags)
{
    /// <summary>The cookies of mounts; the kernel's are smaller.</summary>
    private const ulong FirstMountCookie = 1UL << 63;

    private const byte Separator = (byte)'/';

    public override int Backing => below?.Backing ?? 0;

    public override DirectoryDescriptor Actual => below?.Actual ?? this;

    /// <summary>The folder as it is without the mounts.</summary>
    private DirectoryDescriptor? Itself => below is CoveredDirectory covered ? covered.Folder : below;

    public override DirectoryDescriptor Locate(ref ReadOnlySpan<byte> path)
    {
        var rest = path;
        var at = node.Descend(ref rest);
        path = at.IsFile ? rest : rest.TrimStart(Separator) is { IsEmpty: false } left ? left : "."u8;
        return at == node ? this : at.IsMounted ? at.Directory! : LocateUnmounted(at, rest, ref path);
    }

    public override Errno Open(ReadOnlySpan<byte> path, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        if (below is null)
        {
            var refusal = request.OnlyNew ? RefuseNew(path) : Missing(path, request.CouldWrite);
            if (refusal != Errno.None)
            {
                return refusal;
            }
        }

        if (below is not null)
        {
            var outcome = below.Open(path, request, out opened);
            if (outcome != Errno.None || path is not [(byte)'.'] || opened is MountPointDirectory)
            {
                return outcome;
            }
        }

        // What is opened again is still a folder with mounts below it.
        opened = new MountPointDirectory(node, (DirectoryDescriptor?)opened, made, request.Rights, request.Inheriting, request.Flags);
        return Errno.None;
    }

    public override Errno GetStatus(out FileStatus status)
    {
        status = StatusOf(node);
        return below?.GetStatus(out status) ?? Errno.None;
    }

    public override Errno GetPathStatus(ReadOnlySpan<byte> path, bool follow, out FileStatus status)
    {
        status = StatusOf(node);
        return below?.GetPathStatus(path, follow, out status) ?? Missing(path, writes: false);
    }

    public override Errno Sync(bool dataOnly) => below?.Sync(dataOnly) ?? Errno.None;

    public override Errno SetTimes(in FileTimes times) => below?.SetTimes(times) ?? Errno.EROFS;

    public override Errno SetPathTimes(ReadOnlySpan<byte> path, bool follow, in FileTimes times) =>
        below?.SetPathTimes(path, follow, times) ?? Missing(path, writes: true);

    public override Errno CreateDirectory(ReadOnlySpan<byte> path) => below?.CreateDirectory(path) ?? RefuseNew(path);

    public override Errno RemoveBelow(ReadOnlySpan<byte> path) => below?.RemoveDirectory(path) ?? Missing(path, writes: true);

    public override Errno Unlink(ReadOnlySpan<byte> path) => below?.Unlink(path) ?? Missing(path, writes: true);

    public override Errno Symlink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path) =>
        below?.Symlink(target, path) ?? RefuseNew(path);

    public override Errno ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, out int count)
    {
        count = 0;
        return below?.ReadLink(path, buffer, out count) ?? (Missing(path, writes: false) is var missing and not Errno.None ? missing : Errno.EINVAL);
    }

    public override Errno Link(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        below?.Link(path, target, targetPath) ?? Missing(path, writes: true);

    public override Errno RenameBelow(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        below?.Rename(path, target, targetPath) ?? Missing(path, writes: true);

    public override Errno ReadEntries(ulong cookie, ref DirectoryEntrySink sink)
    {
        if (below is null)
        {
            return ListMounts(cookie, onlyHidden: false, ref sink);
        }

        var outcome = cookie < FirstMountCookie ? below.ReadEntries(cookie, ref sink) : Errno.None;
        return outcome == Errno.None && !sink.IsFull
            ? ListMounts(cookie < FirstMountCookie ? FirstMountCookie : cookie, onlyHidden: true, ref sink)
            : outcome;
    }

    protected override void Close() => below?.Dispose();

    /// <summary>A name on the way to a mount: it may be a folder in the mount around it, too, and is made up only where it is not.</summary>
    /// <param name="rest">What was behind the name, as it was written.</param>
    private DirectoryDescriptor LocateUnmounted(MountNode at, ReadOnlySpan<byte> rest, ref ReadOnlySpan<byte> path)
    {
        var around = at;
        byte[] way = [];
        for (; around != node && !around.IsMounted; around = around.Parent!)
        {
            way = way.Length == 0 ? around.Name : [.. around.Name, Separator, .. way];
        }

        // A folder of the host sees for itself whether there is one, and that it stays.
        var mount = around == node ? this : around.Directory!;
        if (mount.Actual is CoveredDirectory)
        {
            path = new([.. way, .. rest]);
            return mount;
        }

        if (mount.Actual is MountPointDirectory || mount.GetPathStatus(way, follow: true, out _) != Errno.None)
        {
            return at.Directory!;
        }

        path = new([.. way, Separator, .. path]);
        return mount;
    }

    /// <summary>Lists the mounts below, and the two dots where there is no folder to list them.</summary>
    /// <param name="onlyHidden">Leaves out the dots, and mounts whose names the folder itself has listed.</param>
    private Errno ListMounts(ulong cookie, bool onlyHidden, ref DirectoryEntrySink sink)
    {
        const int Dots = 2;
        var index = Math.Max(cookie & ~FirstMountCookie, onlyHidden ? (ulong)Dots : 0);
        for (var next = cookie & FirstMountCookie | (index + 1); index < (ulong)(node.Children.Count + Dots) && !sink.IsFull; index++, next++)
        {
            if (index < Dots)
            {
                var place = index == 0 ? node : node.Parent ?? node;
                sink.Add(next, place.Inode, FileType.Directory, index == 0 ? "."u8 : ".."u8);
                continue;
            }

            var child = node.Children[(int)index - Dots];
            if (child.IsListed && (!onlyHidden || Itself!.GetPathStatus(child.Name, follow: false, out _) == Errno.ENOENT))
            {
                _ = child.Directory!.GetStatus(out var status);
                sink.Add(next, status.Inode, status.Type, child.Name);
            }
        }

        return Errno.None;
    }

    /// <summary>What a path answers that leads to none of the mounts, in a folder that has nothing else.</summary>
    private static Errno Missing(ReadOnlySpan<byte> path, bool writes)
    {
        _ = MountNode.TakeName(path, out var name, out _);
        return name switch
        {
            [(byte)'.', (byte)'.'] => Errno.EPERM,
            _ when writes => Errno.EROFS,
            [(byte)'.'] => Errno.None,
            _ => Errno.ENOENT,
        };
    }

    /// <summary>What a path answers there to who wants to make it: the folder itself exists.</summary>
    private static Errno RefuseNew(ReadOnlySpan<byte> path) =>
        Missing(path, writes: false) == Errno.None ? Errno.EEXIST : Missing(path, writes: true);

    private FileStatus StatusOf(MountNode place) => new()
    {
        Type = FileType.Directory,
        Device = ulong.MaxValue,
        Inode = place.Inode,
        Links = 1,
        AccessTime = made,
        ModifyTime = made,
        ChangeTime = made,
    };
}
