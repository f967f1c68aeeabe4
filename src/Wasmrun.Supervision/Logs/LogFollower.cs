namespace Wasmrun.Supervision.Logs;

/// <summary>
/// One reader's place in a log. It reads from memory while it keeps up, and from the files when it fell behind; only
/// what was rotated away before it came there is lost to it, and of what it holds nothing is.
/// </summary>
internal sealed class LogFollower(ServiceLog log, long from, LogHold hold) : IDisposable
{
    private const int BatchSize = 512;

    private readonly List<LogRecord> _batch = [];
    private long _position = from;
    private LogSegmentReader? _file;
    private LogSegment? _segment;

    /// <summary>The sequence of the record that is read next; from any thread.</summary>
    public long Position
    {
        get => Volatile.Read(ref _position);
        private set => Volatile.Write(ref _position, value);
    }

    public LogHold Hold => hold;

    /// <summary>Records that are there now, oldest first; empty when there is none yet. Good until the next call.</summary>
    public IReadOnlyList<LogRecord> Read()
    {
        _batch.Clear();
        while (_batch.Count == 0)
        {
            if (log.TryTake(_batch, Position, BatchSize))
            {
                // Caught up: what is in the files is found anew should it fall behind again.
                Close();
                break;
            }

            if (!ReadFile())
            {
                // The disk no longer has it, or never had: go on with what memory holds.
                Position = Math.Max(Position, log.Extent().InMemory);
            }
        }

        if (_batch.Count > 0)
        {
            Position = _batch[^1].Sequence + 1;
        }

        return _batch;
    }

    /// <summary>Waits until there is something to read.</summary>
    /// <returns>False when there never will be, because the log is closed.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken token) => log.WaitForAsync(Position, token);

    public void Dispose()
    {
        log.Release(this);
        Close();
    }

    private void Close()
    {
        _file?.Dispose();
        (_file, _segment) = (null, null);
    }

    private bool ReadFile()
    {
        while (_file is not null || OpenNext())
        {
            while (_batch.Count < BatchSize && _file!.Read() is { } entry)
            {
                if (entry.Sequence >= Position)
                {
                    _batch.Add(entry);
                }
            }

            if (_batch.Count > 0)
            {
                return true;
            }

            _file!.Dispose();
            _file = null;
        }

        return false;
    }

    /// <summary>Opens the file that holds the position; when that was read or is gone, the next one there is.</summary>
    private bool OpenNext()
    {
        var segments = log.Segments;
        var begin = Math.Max(segments.LastOrDefault(segment => segment.First <= Position)?.First ?? 0, (_segment?.First ?? -1) + 1);
        foreach (var candidate in segments.Where(segment => segment.First >= begin))
        {
            _segment = candidate;
            _file = LogSegmentReader.TryOpen(candidate);
            if (_file is not null)
            {
                return true;
            }
        }

        return false;
    }
}
