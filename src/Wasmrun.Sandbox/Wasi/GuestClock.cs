using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// The clocks as an instance sees them, in nanoseconds. An instance is one thread of the runner's process, so its processor
/// time, under either of the two names, is the thread's: the process's would show what the other services do.
/// </summary>
internal sealed class GuestClock(TimeProvider time)
{
    private const long Second = 1_000_000_000;

    /// <summary>Nanoseconds of a tick of the monotonic clock, where they are a whole number; else 0.</summary>
    private readonly long _tick = Second % time.TimestampFrequency == 0 ? Second / time.TimestampFrequency : 0;

    public static bool IsKnown(uint clock) => clock <= (uint)ClockId.ThreadCpuTime;

    public ulong Now(ClockId clock) => clock switch
    {
        ClockId.Realtime => (ulong)((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick),
        ClockId.Monotonic when _tick > 0 => (ulong)(time.GetTimestamp() * _tick),
        ClockId.Monotonic => (ulong)((Int128)time.GetTimestamp() * Second / time.TimestampFrequency),
        _ => Libc.ThreadProcessorTime(),
    };

    public ulong Resolution(ClockId clock) => clock switch
    {
        ClockId.Realtime => (ulong)TimeSpan.NanosecondsPerTick,
        ClockId.Monotonic => (ulong)Math.Max(1, Second / time.TimestampFrequency),
        _ => 1,
    };
}
