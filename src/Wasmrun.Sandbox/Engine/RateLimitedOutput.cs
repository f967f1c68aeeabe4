namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Slows a guest that prints faster than it may down to its rate, on its own thread, so that a flood of output costs
/// neither the log nor the other services anything, and not one byte is lost.
/// </summary>
internal sealed class RateLimitedOutput : IGuestOutput
{
    /// <summary>A held-back guest is let go on so many times a second, so that lines are not cut into crumbs.</summary>
    private const double PiecesPerSecond = 20;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly IGuestOutput _inner;
    private readonly double _bytesPerSecond;
    private readonly double _piece;
    private readonly TimeProvider _time;
    private readonly Action<TimeSpan> _wait;
    private double _allowed;
    private long _last;

    /// <summary>Begins with the burst that it allows.</summary>
    /// <param name="wait">Waits on the guest's thread, and leaves with an exception when the guest is told to stop.</param>
    public RateLimitedOutput(IGuestOutput inner, long bytesPerSecond, TimeProvider time, Action<TimeSpan> wait)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        _inner = inner;
        _bytesPerSecond = bytesPerSecond;
        _piece = Math.Max(1, bytesPerSecond / PiecesPerSecond);
        _time = time;
        _wait = wait;
        _allowed = bytesPerSecond;
        _last = time.GetTimestamp();
    }

    public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var missing = Math.Min(bytes.Length, _piece) - Refill();
            if (missing > 0)
            {
                _wait(TimeSpan.FromSeconds(missing / _bytesPerSecond) + ShortestWait);
                continue;
            }

            var count = (int)Math.Min(bytes.Length, _allowed);
            _inner.Write(stream, bytes[..count]);
            _allowed -= count;
            bytes = bytes[count..];
        }
    }

    private double Refill()
    {
        var now = _time.GetTimestamp();
        _allowed = Math.Min(_bytesPerSecond, _allowed + (_time.GetElapsedTime(_last, now).TotalSeconds * _bytesPerSecond));
        _last = now;
        return _allowed;
    }
}
