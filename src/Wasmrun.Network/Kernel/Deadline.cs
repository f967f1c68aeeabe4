using System.Diagnostics;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// When a blocking system call is over, on the monotonic clock: glibc hides the time that an interrupted
/// <c>ppoll</c> had left, so the rest is worked out here and a signal never makes a wait longer.
/// </summary>
internal readonly struct Deadline
{
    private readonly long _start;
    private readonly long _nanoseconds;

    private Deadline(long start, long nanoseconds)
    {
        _start = start;
        _nanoseconds = nanoseconds;
    }

    public bool IsNever => _nanoseconds < 0;

    public bool IsOver => _nanoseconds >= 0 && _nanoseconds <= Elapsed;

    public Libc.Timespec Remaining =>
        _nanoseconds <= 0 ? default : Libc.Timespec.FromNanoseconds(Math.Max(0, _nanoseconds - Elapsed));

    private long Elapsed => _start == 0 ? 0 : Stopwatch.GetElapsedTime(_start).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>A deadline this many nanoseconds from now; a negative number never comes.</summary>
    public static Deadline After(long nanoseconds) => new(nanoseconds > 0 ? Stopwatch.GetTimestamp() : 0, nanoseconds);
}
