namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Works out how long a guest that may use only a share of a core has to wait. It owes the time that it ran beyond its
/// share, so that over a second it gets exactly its share; what it did not use is kept for a tenth of a second only, so
/// that an idle service answers its first request at full speed but cannot save up for a long sprint.
/// </summary>
internal sealed class CpuShare
{
    private const long CreditNanoseconds = 100_000_000;

    private readonly double _share;
    private long _processor;
    private long _clock;
    private double _credit;

    /// <summary>Begins with the credit of a tenth of a second.</summary>
    /// <param name="share">Share of a core, above 0.</param>
    /// <param name="processorNanoseconds">Processor time of the thread so far.</param>
    /// <param name="clockNanoseconds">A monotonic clock.</param>
    public CpuShare(double share, long processorNanoseconds, long clockNanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        _share = share;
        _processor = processorNanoseconds;
        _clock = clockNanoseconds;
        _credit = CreditNanoseconds * share;
    }

    /// <summary>How many nanoseconds the guest must wait now; zero or less lets it go on.</summary>
    public long Owed(long processorNanoseconds, long clockNanoseconds)
    {
        var earned = (clockNanoseconds - _clock) * _share;
        var used = processorNanoseconds - _processor;
        _clock = clockNanoseconds;
        _processor = processorNanoseconds;
        _credit = Math.Min(CreditNanoseconds * _share, _credit + earned - used);
        return _credit >= 0 ? 0 : (long)(-_credit / _share);
    }
}
