using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// An open folder of the host, in a mount. A path is resolved to an open folder and a last name that is not followed, or
/// to an open descriptor; nothing is ever done to a path of the host as a whole.
/// </summary>
/// <param name="fd">The kernel's descriptor of the folder, which is closed with this one.</param>
/// <param name="isRoot">Whether this is the mounted folder itself, whose parent the guest must not see.</param>
internal sealed unsafe partial class HostDirectory(HostMount mount, int fd, bool isRoot, Rights rights, Rights inheriting, FdFlags flags)
    : DirectoryDescriptor(rights, inheriting, flags)
{
    private const int RemoveFolder = 0x200;

    public HostMount Mount => mount;

    /// <summary>The kernel's descriptor.</summary>
    public int Handle => fd;

    public override int Backing => 1;

    public override Errno Sync(bool dataOnly) => Outcome(dataOnly ? Libc.SyncData(fd) : Libc.Sync(fd));

    public override Errno GetStatus(out FileStatus status) => HostTransfer.GetStatus(fd, out status);

    public override Errno SetTimes(in FileTimes times) => mount.ReadOnly ? Errno.EROFS : HostTransfer.SetTimes(fd, times);

    public override Errno GetPathStatus(ReadOnlySpan<byte> path, bool follow, out FileStatus status)
    {
        // Most paths are one name that is no link: one call says all.
        if (!path.Contains((byte)'/') && path is not [(byte)'.', (byte)'.'])
        {
            var outcome = GetNameStatus(path, out status);
            if (outcome != Errno.None || !follow || status.Type != FileType.SymbolicLink)
            {
                return outcome;
            }
        }

        if (OpenPathOnly(path, follow, out var opened) is var error and not Errno.None)
        {
            status = default;
            return error;
        }

        error = HostTransfer.GetStatus(opened, out status);
        _ = Libc.Close(opened);
        return error;
    }

    public override Errno SetPathTimes(ReadOnlySpan<byte> path, bool follow, in FileTimes times)
    {
        if (OpenPathOnly(path, follow, out var opened) is var error and not Errno.None)
        {
            return error;
        }

        error = mount.ReadOnly ? Errno.EROFS : HostTransfer.SetTimes(opened, times);
        _ = Libc.Close(opened);
        return error;
    }

    [SkipLocalsInit]
    public override Errno CreateDirectory(ReadOnlySpan<byte> path)
    {
        var buffer = stackalloc byte[PathBuffer.Size];
        if (ResolveForChange(path, existing: false, mustBeNew: true, buffer, out var entry) is var error and not Errno.None)
        {
            return error;
        }

        using (entry)
        {
            return Outcome(Libc.MakeFolder(entry.Folder, entry.Name, HostMount.FolderMode));
        }
    }

    public override Errno RemoveBelow(ReadOnlySpan<byte> path) => Remove(path, RemoveFolder);

    public override Errno Unlink(ReadOnlySpan<byte> path) => Remove(path, 0);

    [SkipLocalsInit]
    public override Errno Symlink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path)
    {
        var buffer = stackalloc byte[PathBuffer.Size];
        if (ResolveForChange(path, existing: false, mustBeNew: true, buffer, out var entry) is var error and not Errno.None)
        {
            return error;
        }

        using (entry)
        {
            var text = stackalloc byte[PathBuffer.Size];
            return PathBuffer.Fill(text, target) is var refusal and not Errno.None ? refusal : Outcome(Libc.Symlink(text, entry.Folder, entry.Name));
        }
    }

    [SkipLocalsInit]
    public override Errno ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, out int count)
    {
        count = 0;
        var space = stackalloc byte[PathBuffer.Size];
        if (HostEntry.Resolve(mount.Resolver, fd, path, existing: true, space, out var entry) is var error and not Errno.None)
        {
            return error;
        }

        using (entry)
        {
            // The kernel refuses an empty buffer, a guest may have one.
            byte nothing;
            fixed (byte* place = buffer)
            {
                var length = Libc.ReadLink(entry.Folder, entry.Name, buffer.IsEmpty ? &nothing : place, (nuint)Math.Max(1, buffer.Length));
                count = buffer.IsEmpty ? 0 : (int)Math.Max(0, length);
                return Outcome(length);
            }
        }
    }

    public override Errno Link(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        target.Actual is CoveredDirectory covered ? covered.LinkHere(this, path, targetPath)
        : Between(path, existing: true, target, targetPath, static (old, made) => Libc.Link(old.Folder, old.Name, made.Folder, made.Name, 0));

    public override Errno RenameBelow(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        target.Actual is CoveredDirectory covered ? covered.RenameHere(this, path, targetPath)
        : Between(path, existing: false, target, targetPath, static (old, made) => Libc.Rename(old.Folder, old.Name, made.Folder, made.Name));

    protected override void Close()
    {
        ForgetListing();
        _ = Libc.Close(fd);
    }

    [SkipLocalsInit]
    private Errno GetNameStatus(ReadOnlySpan<byte> name, out FileStatus status)
    {
        var buffer = stackalloc byte[PathBuffer.Size];
        status = default;
        if (PathBuffer.Fill(buffer, name) is var refusal and not Errno.None)
        {
            return refusal;
        }

        HostStatus found;
        if (Libc.Statx(fd, buffer, Libc.NoFollowLink, HostStatus.BasicMask, &found) != 0)
        {
            return Libc.LastError;
        }

        status = found.ToGuest();
        return Errno.None;
    }

    /// <summary>Of what kind the file with a name in this folder is, a link at its end not followed; unknown when there is none.</summary>
    [SkipLocalsInit]
    private FileType TypeOf(byte* name)
    {
        HostStatus found;
        return Libc.Statx(fd, name, Libc.NoFollowLink, HostStatus.TypeMask, &found) == 0 ? found.Type : FileType.Unknown;
    }

    [SkipLocalsInit]
    private Errno Remove(ReadOnlySpan<byte> path, int removeFlags)
    {
        var buffer = stackalloc byte[PathBuffer.Size];
        if (ResolveForChange(path, existing: false, mustBeNew: false, buffer, out var entry) is var error and not Errno.None)
        {
            return error;
        }

        using (entry)
        {
            return Outcome(Libc.Unlink(entry.Folder, entry.Name, removeFlags));
        }
    }

    /// <summary>Does something to two names, which must lie in the same mount.</summary>
    [SkipLocalsInit]
    private Errno Between(
        ReadOnlySpan<byte> path, bool existing, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath, Func<HostEntry, HostEntry, int> call)
    {
        if (target.Actual is not HostDirectory other || other.Mount != mount)
        {
            return Errno.EXDEV;
        }

        var buffer = stackalloc byte[PathBuffer.Size];
        if (ResolveForChange(path, existing, mustBeNew: false, buffer, out var entry) is var error and not Errno.None)
        {
            return error;
        }

        using (entry)
        {
            var targetBuffer = stackalloc byte[PathBuffer.Size];
            if (other.ResolveForChange(targetPath, existing: false, mustBeNew: false, targetBuffer, out var targetEntry) is var targetError and not Errno.None)
            {
                return targetError;
            }

            using (targetEntry)
            {
                return Outcome(call(entry, targetEntry));
            }
        }
    }

    /// <summary>Finds a name that is to be changed. Where nothing may be, that is told after what a kernel tells before: that there is no way to it, and that a name which must be new is taken.</summary>
    private Errno ResolveForChange(ReadOnlySpan<byte> path, bool existing, bool mustBeNew, byte* buffer, out HostEntry entry)
    {
        var error = HostEntry.Resolve(mount.Resolver, fd, path, existing, buffer, out entry);
        if (error != Errno.None || !mount.ReadOnly)
        {
            return error;
        }

        HostStatus found;
        error = mustBeNew && Libc.Statx(entry.Folder, entry.Name, Libc.NoFollowLink, HostStatus.TypeMask, &found) == 0 ? Errno.EEXIST : Errno.EROFS;
        entry.Dispose();
        entry = default;
        return error;
    }

    private static Errno Outcome(nint result) => result < 0 ? Libc.LastError : Errno.None;
}
