namespace Wasmrun.Supervision.Logs;

/// <summary>
/// The newest records of a log, bounded by their bytes: what followers that keep up live on. Sequences in it have no
/// gaps. Not safe for threads by itself.
/// </summary>
internal sealed class LogRing(int capacityBytes)
{
    /// <summary>What a record costs beyond its bytes, so that a flood of tiny writes is bounded too.</summary>
    private const int Overhead = 96;

    private LogRecord?[] _records = new LogRecord?[16];
    private int _head;
    private int _count;
    private long _bytes;

    /// <summary>The sequence of the oldest record in the ring; of the next one to come when it is empty.</summary>
    public long First { get; private set; } = 1;

    /// <summary>The sequence of the record to come.</summary>
    public long Next => First + _count;

    /// <summary>Starts anew, empty, with the sequence of the record to come.</summary>
    public void Restart(long first)
    {
        Array.Clear(_records);
        (_head, _count, _bytes) = (0, 0, 0);
        First = first;
    }

    public void Add(LogRecord entry)
    {
        if (_count == _records.Length)
        {
            Grow();
        }

        _records[(_head + _count++) & (_records.Length - 1)] = entry;
        _bytes += entry.Bytes.Length + Overhead;
        while (_bytes > capacityBytes && _count > 1)
        {
            RemoveOldest();
        }
    }

    /// <summary>Whether a record of so many bytes more would drive out one from the given sequence on.</summary>
    public bool WouldDrop(long position, int bytes)
    {
        var excess = _bytes + bytes + Overhead - capacityBytes;
        for (var index = 0; excess > 0 && index < _count; index++)
        {
            if (First + index >= position)
            {
                return true;
            }

            excess -= _records[(_head + index) & (_records.Length - 1)]!.Bytes.Length + Overhead;
        }

        return false;
    }

    /// <summary>Copies records, oldest first, from the given sequence on; it must not be older than <see cref="First"/>.</summary>
    public void CopyTo(List<LogRecord> batch, long from, int limit)
    {
        for (var index = from - First; index < _count && batch.Count < limit; index++)
        {
            batch.Add(_records[(_head + (int)index) & (_records.Length - 1)]!);
        }
    }

    private void RemoveOldest()
    {
        _bytes -= _records[_head]!.Bytes.Length + Overhead;
        _records[_head] = null;
        _head = (_head + 1) & (_records.Length - 1);
        _count--;
        First++;
    }

    private void Grow()
    {
        var larger = new LogRecord?[_records.Length * 2];
        for (var index = 0; index < _count; index++)
        {
            larger[index] = _records[(_head + index) & (_records.Length - 1)];
        }

        (_records, _head) = (larger, 0);
    }
}
