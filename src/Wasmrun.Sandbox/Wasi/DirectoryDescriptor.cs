using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// An open folder: everything a path can be used for, relative to it. Paths are checked for length, NUL bytes and UTF-8
/// before they come here, and are never empty; keeping them inside the folder is what each kind of folder does itself.
/// </summary>
internal abstract class DirectoryDescriptor(Rights rights, Rights inheriting, FdFlags flags)
    : Descriptor(FileType.Directory, Rights.Directory, rights, inheriting & Rights.All, flags)
{
    /// <summary>The folder that does the work, when this one only stands in front of it: what two folders are compared by.</summary>
    public virtual DirectoryDescriptor Actual => this;

    /// <summary>Whether paths from a folder above lead here: then "." stands for a name, which is in use.</summary>
    public bool IsMountPoint { get; set; }

    /// <summary>Finds the mount that a path leads into, and the rest of the path in there.</summary>
    public virtual DirectoryDescriptor Locate(ref ReadOnlySpan<byte> path) => this;

    public override Errno Advise(ulong offset, ulong length) => Errno.EBADF;

    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        return Errno.EISDIR;
    }

    public override Errno ReadAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count) => Read(buffers, out count);

    public override Errno WriteAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count) => Write(buffers, out count);

    public override Errno Seek(long offset, Whence whence, out ulong position)
    {
        position = 0;
        return Errno.EBADF;
    }

    /// <summary>
    /// To a call for sockets a folder is a bad descriptor: the conformance suite tries the first number that a guest
    /// without mounts does not have, and here the root is always open under it.
    /// </summary>
    public override Errno Shutdown(bool receive, bool send) => Errno.EBADF;

    /// <summary>Opens or makes a file or folder; the descriptor belongs to the caller.</summary>
    public abstract Errno Open(ReadOnlySpan<byte> path, in OpenRequest request, out Descriptor? opened);

    public abstract Errno GetPathStatus(ReadOnlySpan<byte> path, bool follow, out FileStatus status);

    public abstract Errno SetPathTimes(ReadOnlySpan<byte> path, bool follow, in FileTimes times);

    public abstract Errno CreateDirectory(ReadOnlySpan<byte> path);

    public Errno RemoveDirectory(ReadOnlySpan<byte> path) => IsNameOfMount(path) ? Errno.EBUSY : RemoveBelow(path);

    /// <summary>Removes a folder below this one; the folder itself answers EINVAL.</summary>
    public abstract Errno RemoveBelow(ReadOnlySpan<byte> path);

    public abstract Errno Unlink(ReadOnlySpan<byte> path);

    public abstract Errno Symlink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path);

    /// <summary>Puts as much of the link's target into the buffer as fits; the rest is cut off.</summary>
    public abstract Errno ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, out int count);

    /// <summary>Gives a file a second name in a folder that may be of another kind, which answers EXDEV.</summary>
    public abstract Errno Link(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath);

    public Errno Rename(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        IsNameOfMount(path) || target.IsNameOfMount(targetPath) ? Errno.EBUSY : RenameBelow(path, target, targetPath);

    /// <summary>Moves what is below this folder; the folder itself answers EBUSY.</summary>
    public abstract Errno RenameBelow(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath);

    /// <summary>Hands the entries behind a cookie to the sink, until it is full or there are no more; 0 starts over.</summary>
    public abstract Errno ReadEntries(ulong cookie, ref DirectoryEntrySink sink);

    private bool IsNameOfMount(ReadOnlySpan<byte> path) => IsMountPoint && path is [(byte)'.'];
}
