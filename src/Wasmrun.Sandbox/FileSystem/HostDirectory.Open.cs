using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

internal sealed unsafe partial class HostDirectory
{
    /// <summary>Opening neither waits for somebody at the other end nor takes what is opened as a terminal.</summary>
    private const HostOpenFlags Unintrusive = HostOpenFlags.NonBlock | HostOpenFlags.NoTerminal;

    /// <summary>
    /// Opens a file in two steps: first it is looked at, which touches nothing, then, if it is a regular file, opened.
    /// So a device, pipe or socket of the host that lies in the mount is not opened; it answers ENXIO.
    /// </summary>
    [SkipLocalsInit]
    public override Errno Open(ReadOnlySpan<byte> path, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        if (mount.ReadOnly && (request.Changes || request.OnlyNew))
        {
            return RefuseOpen(path, request);
        }

        var buffer = stackalloc byte[PathBuffer.Size];
        if (PathBuffer.Fill(buffer, path) is var refusal and not Errno.None)
        {
            return refusal;
        }

        if (request.WantsDirectory)
        {
            return OpenFolder(buffer, request, out opened);
        }

        var follow = request.Follow ? HostOpenFlags.ReadOnly : Libc.NoFollow;
        if (!request.OnlyNew && !request.CreatesAsFolder(path))
        {
            // Most paths are one name of a file, which is no link: that lies in this folder and cannot lead out of it. Should the
            // name be gone or a link by now, the way below says what that means.
            if (!path.Contains((byte)'/') && TypeOf(buffer) == FileType.RegularFile
                && OpenHere(buffer, FlagsOf(request) | Libc.NoFollow, request, out opened) is var outright and not (Errno.ENOENT or Errno.ELOOP or Errno.EINTR))
            {
                return outright;
            }

            var outcome = mount.Resolver.Open(fd, buffer, HostOpenFlags.PathOnly | follow, out var found);
            if (outcome == Errno.None)
            {
                outcome = OpenFound(found, request, out opened);
                _ = Libc.Close(found);
                return outcome;
            }

            if (outcome != Errno.ENOENT || !request.Creates)
            {
                return outcome;
            }
        }

        return mount.ReadOnly ? RefuseNew(path, request) : Create(buffer, request, follow, out opened);
    }

    /// <summary>Why a file of a mount that is read-only is not opened to be changed, in the order in which a kernel looks.</summary>
    private Errno RefuseOpen(ReadOnlySpan<byte> path, in OpenRequest request) =>
        (request.OnlyNew || request.CreatesAsFolder(path) ? Errno.ENOENT : GetPathStatus(path, request.Follow, out _)) switch
        {
            Errno.None => Errno.EROFS,
            Errno.ENOENT when request.Creates => RefuseNew(path, request),
            var outcome => outcome,
        };

    /// <summary>Why nothing is made in a mount that is read-only.</summary>
    [SkipLocalsInit]
    private Errno RefuseNew(ReadOnlySpan<byte> path, in OpenRequest request)
    {
        var buffer = stackalloc byte[PathBuffer.Size];
        var asFolder = request.CreatesAsFolder(path);
        var outcome = ResolveForChange(path, existing: false, mustBeNew: request.OnlyNew && !asFolder, buffer, out _);
        return asFolder && outcome == Errno.EROFS ? Errno.EISDIR : outcome;
    }

    private Errno OpenFolder(byte* path, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        if (request.Rights.HasFlag(Rights.Write))
        {
            return Errno.EISDIR;
        }

        var follow = request.Follow ? HostOpenFlags.ReadOnly : Libc.NoFollow;
        var outcome = mount.Resolver.Open(fd, path, Libc.OnlyFolder | follow, out var folder);
        return outcome == Errno.None ? AsFolder(folder, request, out opened) : outcome;
    }

    /// <summary>Opens what a descriptor of a path alone stands for, unless it is a link, pipe, socket or device.</summary>
    public Errno OpenFound(int found, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        if (HostTransfer.GetStatus(found, out var status) is var error and not Errno.None)
        {
            return error;
        }

        switch (status.Type)
        {
            case FileType.RegularFile:
                var outcome = HostTransfer.Reopen(found, FlagsOf(request), out var file);
                return outcome == Errno.None ? AsFile(file, request, out opened) : outcome;
            case FileType.Directory when request.Rights.HasFlag(Rights.Write) || request.Creates || request.Truncates:
                return Errno.EISDIR;
            case FileType.Directory:
                var self = stackalloc byte[] { (byte)'.', 0 };
                var folder = Libc.OpenAt(found, self, Libc.OnlyFolder | HostOpenFlags.CloseOnExec, 0);
                return folder < 0 ? Libc.LastError : AsFolder(folder, request, out opened);
            case FileType.SymbolicLink:
                return Errno.ELOOP;
            default:
                return Errno.ENXIO;
        }
    }

    private Errno Create(byte* path, in OpenRequest request, HostOpenFlags follow, out Descriptor? opened) => OpenRegular(
        path,
        FlagsOf(request) | HostOpenFlags.Create | follow | (request.Exclusive ? HostOpenFlags.Exclusive : HostOpenFlags.ReadOnly),
        request,
        out opened);

    /// <summary>
    /// Opens a regular file, or makes it. Should something else have taken the name meanwhile, opening it neither waits nor
    /// takes it as a terminal, and it is closed again.
    /// </summary>
    private Errno OpenRegular(byte* path, HostOpenFlags how, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        var outcome = mount.Resolver.Open(fd, path, how | Unintrusive, out var made);
        return outcome == Errno.None ? AsRegular(made, request, out opened) : outcome;
    }

    /// <summary>Opens what has this name in the folder itself, as <see cref="OpenRegular"/> does: there is no path to resolve.</summary>
    private Errno OpenHere(byte* name, HostOpenFlags how, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        var made = Libc.OpenAt(fd, name, how | Unintrusive | HostOpenFlags.CloseOnExec, HostMount.FileMode);
        return made < 0 ? Libc.LastError : AsRegular(made, request, out opened);
    }

    /// <summary>Makes a file whose name is free; to what else has it by now, EEXIST is the answer.</summary>
    public Errno CreateNew(byte* name, in OpenRequest request, out Descriptor? opened) =>
        OpenHere(name, FlagsOf(request) | HostOpenFlags.Create | HostOpenFlags.Exclusive | Libc.NoFollow, request, out opened);

    private Errno AsRegular(int made, in OpenRequest request, out Descriptor? opened)
    {
        if (HostTransfer.TypeOf(made) == FileType.RegularFile)
        {
            return AsFile(made, request, out opened);
        }

        _ = Libc.Close(made);
        opened = null;
        return Errno.ENXIO;
    }

    private static HostOpenFlags FlagsOf(in OpenRequest request)
    {
        // To cut a file off is to write to it.
        var writes = request.Writes || request.Truncates;
        var access = (writes, request.Reads) switch
        {
            (true, true) => HostOpenFlags.ReadWrite,
            (true, false) => HostOpenFlags.WriteOnly,
            _ => HostOpenFlags.ReadOnly,
        };
        return access
            | (request.Truncates ? HostOpenFlags.Truncate : HostOpenFlags.ReadOnly)
            | (request.Flags.HasFlag(FdFlags.Append) ? HostOpenFlags.Append : HostOpenFlags.ReadOnly)
            | (request.Flags.HasFlag(FdFlags.DataSync) ? HostOpenFlags.DataSync : HostOpenFlags.ReadOnly)
            | ((request.Flags & (FdFlags.Sync | FdFlags.ReadSync)) != FdFlags.None ? HostOpenFlags.Sync : HostOpenFlags.ReadOnly);
    }

    private Errno AsFile(int file, in OpenRequest request, out Descriptor? opened)
    {
        opened = new HostFile(mount, file, request.Rights, request.Inheriting, request.Flags);
        return Errno.None;
    }

    private Errno AsFolder(int folder, in OpenRequest request, out Descriptor? opened)
    {
        opened = new HostDirectory(mount, folder, isRoot && IsSame(folder), request.Rights, request.Inheriting, request.Flags);
        return Errno.None;
    }

    /// <summary>Whether a descriptor is of this very folder, as after opening ".".</summary>
    private bool IsSame(int folder) =>
        HostTransfer.GetStatus(fd, out var mine) == Errno.None
        && HostTransfer.GetStatus(folder, out var other) == Errno.None
        && mine.Inode == other.Inode
        && mine.Device == other.Device;

    [SkipLocalsInit]
    private Errno OpenPathOnly(ReadOnlySpan<byte> path, bool follow, out int opened)
    {
        var buffer = stackalloc byte[PathBuffer.Size];
        opened = -1;
        return PathBuffer.Fill(buffer, path) is var refusal and not Errno.None ? refusal
            : mount.Resolver.Open(fd, buffer, HostOpenFlags.PathOnly | (follow ? HostOpenFlags.ReadOnly : Libc.NoFollow), out opened);
    }
}
