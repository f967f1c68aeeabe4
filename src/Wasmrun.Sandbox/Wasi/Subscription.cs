using System.Runtime.InteropServices;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>One thing that a guest waits for in <c>poll_oneoff</c>, laid out as preview 1's <c>subscription</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal readonly struct Subscription
{
    private const ushort AbsoluteFlag = 1;

    [FieldOffset(0)]
    public readonly ulong UserData;

    [FieldOffset(8)]
    public readonly SubscriptionType Type;

    [FieldOffset(16)]
    public readonly uint Descriptor;

    [FieldOffset(16)]
    private readonly ClockId _clock;

    [FieldOffset(24)]
    private readonly ulong _timeout;

    [FieldOffset(40)]
    private readonly ushort _clockFlags;

    public PollEvents Events => Type == SubscriptionType.Read ? PollEvents.Read : PollEvents.Write;

    /// <summary>Whether one can wait on this clock: those of processor time stand still while one waits.</summary>
    public bool IsClockValid => _clock is ClockId.Realtime or ClockId.Monotonic && (_clockFlags & ~AbsoluteFlag) == 0;

    /// <summary>The nanoseconds left until the clock gets there; 0 when it has.</summary>
    public long Left(PollStart start, GuestClock clock)
    {
        var now = clock.Now(_clock);
        var begin = (_clockFlags & AbsoluteFlag) != 0 ? 0 : _clock == ClockId.Realtime ? start.Realtime : start.Monotonic;
        var end = _timeout > ulong.MaxValue - begin ? ulong.MaxValue : begin + _timeout;
        return end <= now ? 0 : (long)Math.Min(end - now, long.MaxValue);
    }
}
