using System.Runtime.InteropServices;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// The system calls that the guest's file system stands on, by descriptor and by name below a folder, never by an absolute
/// path of the host. What a call means is said by its user; here it is only made.
/// </summary>
internal static unsafe partial class Libc
{
    internal const int ThreadCpuTimeClock = 3;

    /// <summary>In place of a path: the descriptor itself is meant.</summary>
    internal const int EmptyPath = 0x1000;

    /// <summary>A link at the end of the path is meant itself.</summary>
    internal const int NoFollowLink = 0x100;

    /// <summary>Only a folder is opened.</summary>
    internal static readonly HostOpenFlags OnlyFolder = (HostOpenFlags)(IsArm ? 0x4000 : 0x10000);

    /// <summary>A link at the end of the path is not followed, and not opened.</summary>
    internal static readonly HostOpenFlags NoFollow = (HostOpenFlags)(IsArm ? 0x8000 : 0x20000);

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>
    /// The error of the call just made, to be asked for before anything else is done. The runtime keeps the system's own note of it on the way out of a
    /// call; having it copied after each call, failed or not, is 3 % of what opening, reading and closing a file costs.
    /// </summary>
    internal static Errno LastError => (Errno)Marshal.GetLastSystemError();

    [LibraryImport("libc", EntryPoint = "open")]
    internal static partial int Open(byte* path, HostOpenFlags flags, uint mode);

    [LibraryImport("libc", EntryPoint = "openat")]
    internal static partial int OpenAt(int folder, byte* path, HostOpenFlags flags, uint mode);

    [LibraryImport("libc", EntryPoint = "syscall")]
    internal static partial nint OpenAt2(nint number, nint folder, byte* path, OpenHow* how, nint size);

    [LibraryImport("libc", EntryPoint = "syscall")]
    internal static partial nint GetEntries(nint number, nint folder, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "statx")]
    internal static partial int Statx(int folder, byte* path, int flags, uint mask, HostStatus* status);

    [LibraryImport("libc", EntryPoint = "read")]
    internal static partial nint Read(int fd, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    internal static partial nint Write(int fd, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "readv")]
    internal static partial nint ReadVectors(int fd, IoVector* buffers, int count);

    [LibraryImport("libc", EntryPoint = "writev")]
    internal static partial nint WriteVectors(int fd, IoVector* buffers, int count);

    [LibraryImport("libc", EntryPoint = "preadv")]
    internal static partial nint ReadVectorsAt(int fd, IoVector* buffers, int count, long offset);

    [LibraryImport("libc", EntryPoint = "pwritev")]
    internal static partial nint WriteVectorsAt(int fd, IoVector* buffers, int count, long offset);

    [LibraryImport("libc", EntryPoint = "lseek")]
    internal static partial long Seek(int fd, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    internal static partial int SetSize(int fd, long size);

    [LibraryImport("libc", EntryPoint = "fallocate")]
    internal static partial int Allocate(int fd, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fsync")]
    internal static partial int Sync(int fd);

    [LibraryImport("libc", EntryPoint = "fdatasync")]
    internal static partial int SyncData(int fd);

    [LibraryImport("libc", EntryPoint = "utimensat")]
    internal static partial int SetTimes(int folder, byte* path, HostTime* times, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    internal static partial int SetStatusFlags(int fd, int command, HostOpenFlags flags);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    internal static partial int Control(int fd, nuint request, int* value);

    [LibraryImport("libc", EntryPoint = "mkdirat")]
    internal static partial int MakeFolder(int folder, byte* path, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat")]
    internal static partial int Unlink(int folder, byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "renameat")]
    internal static partial int Rename(int folder, byte* path, int targetFolder, byte* targetPath);

    [LibraryImport("libc", EntryPoint = "linkat")]
    internal static partial int Link(int folder, byte* path, int targetFolder, byte* targetPath, int flags);

    [LibraryImport("libc", EntryPoint = "symlinkat")]
    internal static partial int Symlink(byte* target, int folder, byte* path);

    [LibraryImport("libc", EntryPoint = "readlinkat")]
    internal static partial nint ReadLink(int folder, byte* path, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "getrandom")]
    internal static partial nint GetRandom(byte* buffer, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "mmap")]
    internal static partial void* Map(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    internal static partial int GetTime(int clock, HostTime* time);

    /// <summary>The processor time of the calling thread, in nanoseconds.</summary>
    internal static ulong ThreadProcessorTime()
    {
        HostTime time;
        return GetTime(ThreadCpuTimeClock, &time) == 0 ? time.ToNanoseconds() : 0;
    }
}
