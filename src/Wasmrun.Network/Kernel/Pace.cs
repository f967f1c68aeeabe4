namespace Wasmrun.Network.Kernel;

/// <summary>What an instance does, as far as it tells how its waits should be made. For the instance's own thread.</summary>
public sealed class Pace
{
    /// <summary>Bytes moved at once that make a stream of messages one of bulk.</summary>
    internal const int LeastBulk = 16 * 1024;

    /// <summary>Waits for which a large piece counts: with some of them comes only the rest of one.</summary>
    private const int BulkWaits = 64;

    private int _bulkWaits;

    /// <summary>Whether the instance has less than a core, so that none of its time may be spent on waiting.</summary>
    public bool IsRationed { get; set; }

    /// <summary>Takes note that a large piece was moved, or one that did not fit.</summary>
    internal void NoteBulk() => _bulkWaits = BulkWaits;

    /// <summary>Whether the next wait may be a <see cref="BusyPoll"/>. Whoever moves much gains nothing by being awake a little earlier.</summary>
    internal bool MayLook()
    {
        if (_bulkWaits > 0)
        {
            _bulkWaits--;
            return false;
        }

        return !IsRationed;
    }
}
