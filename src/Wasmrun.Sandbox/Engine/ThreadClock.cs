using System.Runtime.InteropServices;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// The processor time of one thread: guest code, host functions and kernel together. Made on that thread; while the thread
/// lives, it may be read from any other.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man3/pthread_getcpuclockid.3.html"/>
internal sealed unsafe partial class ThreadClock
{
    private readonly int _clock;

    /// <summary>The clock of the calling thread.</summary>
    public ThreadClock()
    {
        var error = GetClock(CurrentThread(), out _clock);
        if (error != 0)
        {
            throw new IOException($"the system tells no processor time of a thread: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    /// <summary>Nanoseconds since the thread began, or 0 when it has ended.</summary>
    public long Nanoseconds
    {
        get
        {
            Timespec time;
            return GetTime(_clock, &time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint CurrentThread();

    [LibraryImport("libc", EntryPoint = "pthread_getcpuclockid")]
    private static partial int GetClock(nint thread, out int clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, Timespec* time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
