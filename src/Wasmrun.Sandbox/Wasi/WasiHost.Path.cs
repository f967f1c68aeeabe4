using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi;

internal sealed unsafe partial class WasiHost
{
    private const uint SymlinkFollow = 1;

    private static bool DefinePath(ImportDefiner definer) => definer.Name switch
    {
        "path_create_directory" => definer.Add(static (host, a) => host.CreateDirectory(a[0], a[1], a[2])),
        "path_filestat_get" => definer.Add(static (host, a) => host.GetPathStatus(a[0], a[1], a[2], a[3], a[4])),
        "path_filestat_set_times" => definer.Add(static (host, a) => host.SetPathTimes(a[0], a[1], a[2], a[3], a.Long(4), a.Long(5), a[6])),
        "path_link" => definer.Add(static (host, a) => host.Link(a[0], a[1], a[2], a[3], a[4], a[5], a[6])),
        "path_open" => definer.Add(static (host, a) => host.OpenPath(a[0], a[1], a[2], a[3], a[4], a.Long(5), a.Long(6), a[7], a[8])),
        "path_readlink" => definer.Add(static (host, a) => host.ReadLink(a[0], a[1], a[2], a[3], a[4], a[5])),
        "path_remove_directory" => definer.Add(static (host, a) => host.RemoveDirectory(a[0], a[1], a[2])),
        "path_rename" => definer.Add(static (host, a) => host.Rename(a[0], a[1], a[2], a[3], a[4], a[5])),
        "path_symlink" => definer.Add(static (host, a) => host.Symlink(a[0], a[1], a[2], a[3], a[4])),
        "path_unlink_file" => definer.Add(static (host, a) => host.Unlink(a[0], a[1], a[2])),
        _ => false,
    };

    private WasiErrno OpenPath(
        uint fd, uint lookup, uint path, uint length, uint open, ulong rights, ulong inheriting, uint flags, uint result)
    {
        var memory = Memory;
        memory.Check<uint>(result);
        if ((open & ~(uint)OpenFlags.All) != 0 || (flags & ~(uint)FdFlags.All) != 0)
        {
            return WasiErrno.EINVAL;
        }

        var needed = Rights.Open
            | ((open & (uint)OpenFlags.Create) != 0 ? Rights.CreateFile : Rights.None)
            | ((open & (uint)OpenFlags.Truncate) != 0 ? Rights.PathSetSize : Rights.None);
        if (Resolve(memory, fd, needed, path, length, out var directory, out var name) is var error and not WasiErrno.None)
        {
            return error;
        }

        // Rights come from the folder that the guest has, whatever mount the path leads into.
        _ = _descriptors.GetDirectory(fd, needed, out var given);
        var request = new OpenRequest(
            (lookup & SymlinkFollow) != 0,
            (OpenFlags)open,
            (Rights)rights & given.Inheriting,
            (Rights)inheriting & given.Inheriting,
            (FdFlags)flags);
        if (request.WantsDirectory && (request.Creates || request.Exclusive || request.Truncates))
        {
            return WasiErrno.EINVAL;
        }

        // Without room nothing may be made that the guest would then not get.
        if (!_descriptors.HasRoom)
        {
            return WasiErrno.EMFILE;
        }

        if (directory.Open(name, request, out var opened) is var outcome and not Errno.None)
        {
            return outcome.ToWasi();
        }

        error = _descriptors.Add(opened!, out var number);
        memory.Write(result, number);
        return error;
    }

    private WasiErrno GetPathStatus(uint fd, uint lookup, uint path, uint length, uint result)
    {
        var memory = Memory;
        memory.Check<FileStatus>(result);
        if (Resolve(memory, fd, Rights.PathGetStatus, path, length, out var directory, out var name) is var error and not WasiErrno.None)
        {
            return error;
        }

        var outcome = directory.GetPathStatus(name, (lookup & SymlinkFollow) != 0, out var status);
        if (outcome == Errno.None)
        {
            memory.Write(result, status);
        }

        return outcome.ToWasi();
    }

    private WasiErrno SetPathTimes(uint fd, uint lookup, uint path, uint length, ulong access, ulong modify, uint flags)
    {
        if (!FileTimes.TryRead(flags, access, modify, out var times))
        {
            return WasiErrno.EINVAL;
        }

        var error = Resolve(Memory, fd, Rights.PathSetTimes, path, length, out var directory, out var name);
        return error == WasiErrno.None ? directory.SetPathTimes(name, (lookup & SymlinkFollow) != 0, times).ToWasi() : error;
    }

    private WasiErrno CreateDirectory(uint fd, uint path, uint length)
    {
        var error = Resolve(Memory, fd, Rights.CreateDirectory, path, length, out var directory, out var name);
        return error == WasiErrno.None ? directory.CreateDirectory(name).ToWasi() : error;
    }

    private WasiErrno RemoveDirectory(uint fd, uint path, uint length)
    {
        var memory = Memory;
        if (Resolve(memory, fd, Rights.RemoveDirectory, path, length, out var directory, out var name) is var error and not WasiErrno.None)
        {
            return error;
        }

        // Where a path ends that goes up is told by the path as it was given. What it went through is in there, so it is not empty.
        var outcome = directory.RemoveDirectory(name);
        return outcome is Errno.EINVAL or Errno.EBUSY && GuestPath.EndsAbove(memory.Bytes(path, length)) ? WasiErrno.ENOTEMPTY : outcome.ToWasi();
    }

    private WasiErrno Unlink(uint fd, uint path, uint length)
    {
        var error = Resolve(Memory, fd, Rights.Unlink, path, length, out var directory, out var name);
        return error == WasiErrno.None ? directory.Unlink(name).ToWasi() : error;
    }

    private WasiErrno Symlink(uint target, uint targetLength, uint fd, uint path, uint length)
    {
        var memory = Memory;
        if (GuestPath.Read(memory, target, targetLength, out var text) is var error and not WasiErrno.None)
        {
            return error;
        }

        error = Resolve(memory, fd, Rights.Symlink, path, length, out var directory, out var name);
        return error == WasiErrno.None ? directory.Symlink(text, name).ToWasi() : error;
    }

    private WasiErrno ReadLink(uint fd, uint path, uint length, uint buffer, uint bufferLength, uint result)
    {
        var memory = Memory;
        var place = memory.Place<uint>(result);
        if (Resolve(memory, fd, Rights.ReadLink, path, length, out var directory, out var name) is var error and not WasiErrno.None)
        {
            return error;
        }

        var outcome = directory.ReadLink(name, memory.Bytes(buffer, bufferLength), out var count);
        return Answer(place, outcome, (nuint)count);
    }

    private WasiErrno Link(uint fd, uint lookup, uint path, uint length, uint targetFd, uint targetPath, uint targetLength)
    {
        // A second name for what a link points at is what preview 1 leaves out: the link itself gets one.
        if ((lookup & SymlinkFollow) != 0)
        {
            return WasiErrno.EINVAL;
        }

        var memory = Memory;
        if (Resolve(memory, fd, Rights.LinkSource, path, length, out var directory, out var name) is var error and not WasiErrno.None)
        {
            return error;
        }

        error = Resolve(memory, targetFd, Rights.LinkTarget, targetPath, targetLength, out var target, out var targetName);
        return error == WasiErrno.None ? directory.Link(name, target, targetName).ToWasi() : error;
    }

    private WasiErrno Rename(uint fd, uint path, uint length, uint targetFd, uint targetPath, uint targetLength)
    {
        var memory = Memory;
        if (Resolve(memory, fd, Rights.RenameSource, path, length, out var directory, out var name) is var error and not WasiErrno.None)
        {
            return error;
        }

        error = Resolve(memory, targetFd, Rights.RenameTarget, targetPath, targetLength, out var target, out var targetName);
        return error == WasiErrno.None ? directory.Rename(name, target, targetName).ToWasi() : error;
    }

    /// <summary>Finds the folder that a call names, checks the path it gives, and goes to the mount that the path leads into.</summary>
    private WasiErrno Resolve(
        GuestMemory memory, uint fd, Rights rights, uint path, uint length, out DirectoryDescriptor directory, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (_descriptors.GetDirectory(fd, rights, out directory) is var error and not WasiErrno.None)
        {
            return error;
        }

        error = GuestPath.Read(memory, path, length, out name);
        directory = error == WasiErrno.None ? directory.Locate(ref name) : directory;
        return error;
    }
}
