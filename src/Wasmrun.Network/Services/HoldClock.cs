namespace Wasmrun.Network.Services;

/// <summary>
/// The clock that the hold of a service is measured with. It stands still while an instance takes its time to end and another is to follow, which is no
/// fault of those who wait for that one. Used under the lock of the service.
/// </summary>
internal sealed class HoldClock(TimeProvider time) : TimeProvider
{
    private long? _stoppedAt;
    private long _stood;

    public bool IsStopped => _stoppedAt is not null;

    public override long TimestampFrequency => time.TimestampFrequency;

    public void Stop() => _stoppedAt ??= time.GetTimestamp();

    public void Start()
    {
        _stood += _stoppedAt is { } since ? time.GetTimestamp() - since : 0;
        _stoppedAt = null;
    }

    public override long GetTimestamp() => (_stoppedAt ?? time.GetTimestamp()) - _stood;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    /// <summary>A timer that goes on while the clock stands still: it may be too early, never too late.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
