using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>An open regular file of the host, in a mount. Bytes go between the kernel and the guest's memory directly.</summary>
/// <param name="fd">The kernel's descriptor of the file, which is closed with this one.</param>
internal sealed class HostFile(HostMount mount, int fd, Rights rights, Rights inheriting, FdFlags flags)
    : Descriptor(FileType.RegularFile, Rights.File, rights, inheriting, flags)
{
    private const int SetStatusFlags = 4;

    public override int Backing => 1;

    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count) => HostTransfer.Read(fd, buffers, mount.Stop, out count);

    public override Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count) => HostTransfer.Write(fd, buffers, mount.Stop, out count);

    public override Errno ReadAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count) =>
        HostTransfer.ReadAt(fd, buffers, (long)offset, mount.Stop, out count);

    public override Errno WriteAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count) =>
        HostTransfer.WriteAt(fd, buffers, (long)offset, mount.Stop, out count);

    public override Errno Seek(long offset, Whence whence, out ulong position)
    {
        var found = Libc.Seek(fd, offset, (int)whence);
        position = found < 0 ? 0 : (ulong)found;
        return found < 0 ? Libc.LastError : Errno.None;
    }

    public override Errno Advise(ulong offset, ulong length) => offset > long.MaxValue || length > long.MaxValue ? Errno.EINVAL : Errno.None;

    public override Errno Allocate(ulong offset, ulong length) =>
        mount.ReadOnly ? Errno.EROFS : Outcome(Libc.Allocate(fd, 0, (long)offset, (long)length));

    public override Errno Sync(bool dataOnly) => Outcome(dataOnly ? Libc.SyncData(fd) : Libc.Sync(fd));

    public override Errno SetSize(ulong size) => mount.ReadOnly ? Errno.EROFS : Outcome(Libc.SetSize(fd, (long)size));

    public override Errno SetTimes(in FileTimes times) => mount.ReadOnly ? Errno.EROFS : HostTransfer.SetTimes(fd, times);

    public override Errno GetStatus(out FileStatus status) => HostTransfer.GetStatus(fd, out status);

    public override Errno SetFlags(FdFlags flags)
    {
        if (((flags ^ Flags) & FdFlags.Fixed) != FdFlags.None)
        {
            return Errno.EOPNOTSUPP;
        }

        var append = flags.HasFlag(FdFlags.Append) ? HostOpenFlags.Append : HostOpenFlags.ReadOnly;
        var outcome = Outcome(Libc.SetStatusFlags(fd, SetStatusFlags, append));
        return outcome == Errno.None ? base.SetFlags(flags) : outcome;
    }

    protected override void Close() => _ = Libc.Close(fd);

    private static Errno Outcome(int result) => result < 0 ? Libc.LastError : Errno.None;
}
