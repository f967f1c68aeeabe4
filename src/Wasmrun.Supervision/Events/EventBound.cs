using System.Globalization;

namespace Wasmrun.Supervision.Events;

/// <summary>
/// Bounds what one instance can add to the stream by something that a guest does as often as it likes: the services of a stack share the stream, and what one
/// of them adds displaces what is kept of the others. From any thread.
/// </summary>
internal sealed class EventBound(TimeProvider time)
{
    /// <summary>How many events are told in one <see cref="Window"/>.</summary>
    public const int Most = 60;

    private readonly Lock _gate = new();
    private long? _begun;
    private int _count;

    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Counts another event.</summary>
    public EventTurn Next()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var leftOut = 0;
            if (_begun is not { } begun || time.GetElapsedTime(begun, now) >= Window)
            {
                leftOut = Math.Max(_count - Most, 0);
                (_begun, _count) = (now, 0);
            }

            _count++;
            return new(_count <= Most, _count == Most, leftOut, Window - time.GetElapsedTime(_begun.Value, now));
        }
    }
}

/// <summary>What <see cref="EventBound"/> says about an event.</summary>
/// <param name="IsTold">Whether it is within the bound.</param>
/// <param name="IsLast">No more after it are.</param>
/// <param name="LeftOut">How many were not, when it is the first after those.</param>
/// <param name="Left">Until events are told again.</param>
internal readonly record struct EventTurn(bool IsTold, bool IsLast, int LeftOut, TimeSpan Left)
{
    /// <summary>What the cause of the event is to say of those that are left out; empty when there are none.</summary>
    public string Remark => this switch
    {
        { LeftOut: > 0 } => string.Create(CultureInfo.InvariantCulture, $"; {LeftOut} like this before were not told"),
        { IsLast: true } => string.Create(CultureInfo.InvariantCulture, $"; more like this in the next {Left.TotalSeconds:0} s are not told"),
        _ => "",
    };
}
