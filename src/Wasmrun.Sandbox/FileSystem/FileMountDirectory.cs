using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// A single file as a mount. It stands where a folder would, and knows one path, the empty one, for the file.
/// The guest can use the file, but its name is the mount's: it can be neither removed nor moved.
/// </summary>
/// <param name="folder">The folder that the file lies in, which is closed with this one.</param>
internal sealed class FileMountDirectory(DirectoryDescriptor folder, string name, bool readOnly) : DirectoryDescriptor(Rights.All, Rights.All, FdFlags.None)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    public override Errno GetStatus(out FileStatus status) => folder.GetPathStatus(_name, follow: false, out status);

    public override Errno Open(ReadOnlySpan<byte> path, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        return !path.IsEmpty || request.WantsDirectory ? Errno.ENOTDIR
            : request.OnlyNew ? Errno.EEXIST
            : readOnly && request.Changes ? Errno.EROFS
            : folder.Open(_name, request with { Follow = false }, out opened);
    }

    public override Errno GetPathStatus(ReadOnlySpan<byte> path, bool follow, out FileStatus status)
    {
        status = default;
        return path.IsEmpty ? GetStatus(out status) : Errno.ENOTDIR;
    }

    public override Errno SetPathTimes(ReadOnlySpan<byte> path, bool follow, in FileTimes times) =>
        !path.IsEmpty ? Errno.ENOTDIR : readOnly ? Errno.EROFS : folder.SetPathTimes(_name, follow: false, times);

    public override Errno CreateDirectory(ReadOnlySpan<byte> path) => Refuse(path, Errno.EEXIST);

    public override Errno RemoveBelow(ReadOnlySpan<byte> path) => Refuse(path, Errno.ENOTDIR);

    public override Errno Unlink(ReadOnlySpan<byte> path) => Refuse(path, Errno.EBUSY);

    public override Errno Symlink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path) => CreateDirectory(path);

    public override Errno ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, out int count)
    {
        count = 0;
        return path.IsEmpty ? Errno.EINVAL : Errno.ENOTDIR;
    }

    public override Errno Link(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        Refuse(path, Errno.EXDEV);

    public override Errno RenameBelow(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) => Unlink(path);

    public override Errno ReadEntries(ulong cookie, ref DirectoryEntrySink sink) => Errno.ENOTDIR;

    protected override void Close() => folder.Dispose();

    private Errno Refuse(ReadOnlySpan<byte> path, Errno reason) =>
        !path.IsEmpty ? Errno.ENOTDIR : readOnly ? Errno.EROFS : reason;
}
