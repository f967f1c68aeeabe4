using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi;

internal sealed partial class WasiHost
{
    private const uint LastAdvice = 5;
    private const uint DescriptorStatusSize = 24;

    private static bool DefineDescriptorStatus(ImportDefiner definer) => definer.Name switch
    {
        "fd_advise" => definer.Add(static (host, a) => host.Advise(a[0], a.Long(1), a.Long(2), a[3])),
        "fd_allocate" => definer.Add(static (host, a) => host.Allocate(a[0], a.Long(1), a.Long(2))),
        "fd_datasync" => definer.Add(static (host, a) => host.Sync(a[0], Rights.DataSync)),
        "fd_fdstat_get" => definer.Add(static (host, a) => host.GetDescriptorStatus(a[0], a[1])),
        "fd_fdstat_set_flags" => definer.Add(static (host, a) => host.SetFlags(a[0], a[1])),
        "fd_fdstat_set_rights" => definer.Add(static (host, a) => host.SetRights(a[0], a.Long(1), a.Long(2))),
        "fd_filestat_get" => definer.Add(static (host, a) => host.GetStatus(a[0], a[1])),
        "fd_filestat_set_size" => definer.Add(static (host, a) => host.SetSize(a[0], a.Long(1))),
        "fd_filestat_set_times" => definer.Add(static (host, a) => host.SetTimes(a[0], a.Long(1), a.Long(2), a[3])),
        "fd_prestat_get" => definer.Add(static (host, a) => host.GetPreopen(a[0], a[1])),
        "fd_prestat_dir_name" => definer.Add(static (host, a) => host.GetPreopenPath(a[0], a[1], a[2])),
        "fd_sync" => definer.Add(static (host, a) => host.Sync(a[0], Rights.Sync)),
        _ => false,
    };

    /// <summary>Advice changes nothing that a guest can see, so it is checked and then left alone.</summary>
    private WasiErrno Advise(uint fd, ulong offset, ulong length, uint advice)
    {
        if (advice > LastAdvice)
        {
            return WasiErrno.EINVAL;
        }

        var error = _descriptors.Get(fd, Rights.None, out var descriptor);
        return error == WasiErrno.None ? descriptor.Advise(offset, length).ToWasi() : error;
    }

    private WasiErrno Allocate(uint fd, ulong offset, ulong length)
    {
        var error = _descriptors.Get(fd, Rights.Allocate, out var descriptor);
        return error == WasiErrno.None ? descriptor.Allocate(offset, length).ToWasi() : error;
    }

    private WasiErrno Sync(uint fd, Rights right)
    {
        var error = _descriptors.Get(fd, right, out var descriptor);
        return error == WasiErrno.None ? descriptor.Sync(dataOnly: right == Rights.DataSync).ToWasi() : error;
    }

    private WasiErrno GetDescriptorStatus(uint fd, uint result)
    {
        if (_descriptors.Get(fd, Rights.None, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        memory.Bytes(result, DescriptorStatusSize).Clear();
        memory.Write(result, descriptor.Type);
        memory.Write(result + 2, descriptor.Flags);
        memory.Write(result + 8, descriptor.Rights);
        memory.Write(result + 16, descriptor.Inheriting);
        return WasiErrno.None;
    }

    private WasiErrno SetFlags(uint fd, uint flags)
    {
        if ((flags & ~(uint)FdFlags.All) != 0)
        {
            return WasiErrno.EINVAL;
        }

        var error = _descriptors.Get(fd, Rights.SetFlags, out var descriptor);
        return error == WasiErrno.None ? descriptor.SetFlags((FdFlags)flags).ToWasi() : error;
    }

    private WasiErrno SetRights(uint fd, ulong rights, ulong inheriting)
    {
        if (_descriptors.Get(fd, Rights.None, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        if (!descriptor.Rights.HasFlag((Rights)rights) || !descriptor.Inheriting.HasFlag((Rights)inheriting))
        {
            return WasiErrno.ENOTCAPABLE;
        }

        descriptor.Restrict((Rights)rights, (Rights)inheriting);
        _repeatedPoll.Forget();
        return WasiErrno.None;
    }

    private WasiErrno GetStatus(uint fd, uint result)
    {
        if (_descriptors.Get(fd, Rights.None, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        memory.Check<FileStatus>(result);
        var outcome = descriptor.GetStatus(out var status);
        if (outcome == Errno.None)
        {
            memory.Write(result, status);
        }

        return outcome.ToWasi();
    }

    private WasiErrno SetSize(uint fd, ulong size)
    {
        var error = _descriptors.Get(fd, Rights.SetSize, out var descriptor);
        return error == WasiErrno.None ? descriptor.SetSize(size).ToWasi() : error;
    }

    private WasiErrno SetTimes(uint fd, ulong access, ulong modify, uint flags)
    {
        if (!FileTimes.TryRead(flags, access, modify, out var times))
        {
            return WasiErrno.EINVAL;
        }

        var error = _descriptors.Get(fd, Rights.SetTimes, out var descriptor);
        return error == WasiErrno.None ? descriptor.SetTimes(times).ToWasi() : error;
    }

    private WasiErrno GetPreopen(uint fd, uint result)
    {
        if (GetPreopenPath(fd, out var path) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        memory.Check<ulong>(result);
        memory.Write(result, 0u); // the one kind there is: a folder
        memory.Write(result + 4, (uint)path.Length);
        return WasiErrno.None;
    }

    private WasiErrno GetPreopenPath(uint fd, uint buffer, uint length)
    {
        if (GetPreopenPath(fd, out var path) is var error and not WasiErrno.None)
        {
            return error;
        }

        if (length < path.Length)
        {
            return WasiErrno.ENAMETOOLONG;
        }

        path.CopyTo(Memory.Bytes(buffer, (uint)path.Length));
        return WasiErrno.None;
    }

    private WasiErrno GetPreopenPath(uint fd, out byte[] path)
    {
        path = [];
        if (_descriptors.Get(fd, Rights.None, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        path = descriptor.PreopenPath ?? path;
        return descriptor.PreopenPath is null ? WasiErrno.EBADF : WasiErrno.None;
    }
}
