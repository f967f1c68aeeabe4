using System.Runtime.InteropServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// One walk along a path. Every step opens one name below an open folder and follows nothing; a link is read, and its
/// target put in front of what is left to walk; ".." goes back to a folder that the walk came through. So no rename under
/// way leads out, and what a link says is judged here and not by the kernel.
/// </summary>
/// <param name="start">The folder the path begins in, which the walk never goes above.</param>
/// <param name="folders">Space for the folders entered.</param>
/// <param name="text">Space for what is left of the path, of <see cref="PathText.Size"/>; it must not move.</param>
internal unsafe ref struct PathWalk(int start, Span<int> folders, Span<byte> text)
{
    private const byte Separator = (byte)'/';

    private FolderStack _folders = new(start, folders);
    private PathText _path = new(text);

    public bool TryBegin(byte* path) => _path.TryBegin(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path));

    public Errno Open(HostOpenFlags flags, out int fd)
    {
        fd = -1;
        if (_path.Rest is [] or [Separator, ..])
        {
            return _path.Rest.IsEmpty ? Errno.ENOENT : Errno.EPERM;
        }

        while (_path.TakeName(out var name, out var isLast, out var hasSeparator))
        {
            if (name is [(byte)'.'])
            {
                continue;
            }

            if (name is [(byte)'.', (byte)'.'])
            {
                if (!_folders.TryLeave())
                {
                    return Errno.EPERM;
                }

                continue;
            }

            if (isLast && hasSeparator && flags.HasFlag(HostOpenFlags.Create))
            {
                return Errno.EISDIR;
            }

            // Behind a separator, at the end too, a link is always followed.
            var enters = !isLast || hasSeparator;
            var outcome = enters ? Enter(name) : OpenLast(name, flags, out fd);
            if (outcome is Errno.ELOOP or Errno.ENOTDIR && (enters || Follows(flags)))
            {
                outcome = _path.FollowLink(_folders.Current, name, enters, outcome);
            }

            if (outcome != Errno.None || fd >= 0)
            {
                return outcome;
            }
        }

        return flags.HasFlag(HostOpenFlags.Create | HostOpenFlags.Exclusive) ? Errno.EEXIST
            : flags.HasFlag(HostOpenFlags.Create) ? Errno.EISDIR
            : OpenAt("."u8, flags & ~Libc.NoFollow, out fd);
    }

    public void Dispose() => _folders.Dispose();

    private static bool Follows(HostOpenFlags flags) =>
        !flags.HasFlag(Libc.NoFollow) && !flags.HasFlag(HostOpenFlags.Create | HostOpenFlags.Exclusive);

    private static bool IsLink(int fd) => HostTransfer.GetStatus(fd, out var status) == Errno.None && status.Type == FileType.SymbolicLink;

    private Errno Enter(ReadOnlySpan<byte> name)
    {
        var outcome = _folders.Open(name, out var folder);
        return outcome == Errno.None ? _folders.Enter(folder) : outcome;
    }

    private readonly Errno OpenLast(ReadOnlySpan<byte> name, HostOpenFlags flags, out int fd)
    {
        var outcome = OpenAt(name, flags | Libc.NoFollow, out fd);

        // Without opening it for more than its path, the kernel opens a link itself.
        if (outcome == Errno.None && flags.HasFlag(HostOpenFlags.PathOnly) && Follows(flags) && IsLink(fd))
        {
            _ = Libc.Close(fd);
            fd = -1;
            return Errno.ELOOP;
        }

        return outcome;
    }

    private readonly Errno OpenAt(ReadOnlySpan<byte> name, HostOpenFlags flags, out int fd)
    {
        fixed (byte* path = name)
        {
            fd = Libc.OpenAt(_folders.Current, path, flags, HostMount.FileMode);
            return fd < 0 ? Libc.LastError : Errno.None;
        }
    }
}
