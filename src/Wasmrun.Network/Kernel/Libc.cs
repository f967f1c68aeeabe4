using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// The system calls of readiness: what the stop signal and the poll set stand on. Socket calls have a file of their own.
/// </summary>
internal static unsafe partial class Libc
{
    internal const int EfdNonBlock = 0x800;
    internal const int EfdCloseOnExec = 0x80000;

    internal const int OpenPath = 0x200000;
    internal const int OpenCloseOnExec = 0x80000;

    internal static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    internal static partial int PPoll(PollDescriptor* descriptors, nuint count, Timespec* timeout, nint signalMask);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int fd, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    internal static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int fd, void* buffer, nuint length);

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Fd;
        public PollEvents Requested;
        public PollEvents Ready;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;

        /// <summary>Whole milliseconds, and no more of them than the system's calls can be told.</summary>
        internal readonly int Milliseconds => (int)Math.Min((Seconds * 1000) + (Nanoseconds / 1_000_000), int.MaxValue);

        internal static Timespec FromNanoseconds(long nanoseconds) =>
            new() { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
    }
}
