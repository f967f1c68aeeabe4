using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>The processor time of another process in nanoseconds; what <c>/proc</c> tells of it is counted in hundredths of a second.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man3/clock_getcpuclockid.3.html"/>
internal static unsafe partial class ProcessClock
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>What all of its threads have used so far, user and system together.</summary>
    /// <exception cref="Win32Exception">There is no such process.</exception>
    public static TimeSpan Read(Process process)
    {
        int clock;
        var time = stackalloc long[2];
        var error = GetClock(process.Id, &clock);
        return error == 0 && GetTime(clock, time) == 0
            ? TimeSpan.FromTicks(((time[0] * NanosecondsPerSecond) + time[1]) / TimeSpan.NanosecondsPerTick)
            : throw new Win32Exception(error);
    }

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int GetClock(int process, int* clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, long* time);
}
