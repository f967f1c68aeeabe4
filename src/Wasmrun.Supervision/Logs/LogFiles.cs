using Microsoft.Win32.SafeHandles;

namespace Wasmrun.Supervision.Logs;

/// <summary>
/// The files of one log: the newest is appended to until it is full, and the oldest are deleted beyond a number.
/// A record is written whole by one call, so that what a killed runner had written is what its guests had written.
/// </summary>
internal sealed class LogFiles(string directory, LogLimits limits) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<LogSegment> _segments = [];
    private SafeFileHandle? _file;

    /// <summary>The file that is appended to but not open, until there is more.</summary>
    private string? _resting;
    private volatile LogLimits _limits = limits;
    private long _length;

    /// <summary>The files there are now, oldest first.</summary>
    public IReadOnlyList<LogSegment> Segments
    {
        get
        {
            lock (_gate)
            {
                return [.. _segments];
            }
        }
    }

    /// <summary>Keeps as much as this from the next record on; what is too much goes when the next file begins.</summary>
    public void Use(LogLimits limits) => _limits = limits;

    /// <summary>Looks what earlier runs left.</summary>
    /// <returns>The last record that is there, or null.</returns>
    public LogRecord? Load()
    {
        var found = LogSegment.Find(directory);
        lock (_gate)
        {
            _segments.Clear();
            _segments.AddRange(found);
        }

        return found.Reverse().Select(LastOf).FirstOrDefault(entry => entry is not null);
    }

    /// <summary>Appends one encoded record. One caller at a time.</summary>
    /// <exception cref="IOException">It cannot be stored; nothing of it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be stored; nothing of it was.</exception>
    public void Append(ReadOnlySpan<byte> encoded, long sequence)
    {
        Resume();
        if (_file is null || _length + encoded.Length > _limits.MaxSize)
        {
            Begin(encoded, sequence);
            return;
        }

        try
        {
            RandomAccess.Write(_file, encoded, _length);
            _length += encoded.Length;
        }
        catch (IOException)
        {
            // What was written of it stays behind as a torn line, which readers pass over; the next record gets a file of its own.
            Dispose();
            throw;
        }
    }

    /// <summary>Whether so many encoded bytes more could make a file go that holds a record which is not read yet.</summary>
    /// <param name="position">The sequence of the first record that is not.</param>
    /// <param name="next">The sequence of the record that comes next.</param>
    public bool WouldDrop(long position, long next, long encodedBytes)
    {
        var current = _limits;
        if ((_file is not null || _resting is not null) && _length + encodedBytes <= current.MaxSize)
        {
            return false;
        }

        lock (_gate)
        {
            // The files that stay when more begin; of a single one nothing does, and who has read all of it loses nothing.
            var begun = encodedBytes <= current.MaxSize ? 1 : 2;
            var firstKept = Math.Min(_segments.Count, _segments.Count + begun - Math.Max(1, current.MaxFile));
            return firstKept > 0 && position < (firstKept < _segments.Count ? _segments[firstKept].First : next);
        }
    }

    /// <summary>Keeps no descriptor until there is more to append.</summary>
    public void Rest()
    {
        if (_file is not null)
        {
            Dispose();
            _resting = Segments[^1].Path;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        (_file, _resting) = (null, null);
    }

    private void Resume()
    {
        if (_resting is { } path)
        {
            _resting = null;
            try
            {
                _file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // Somebody has taken it away: the next record begins another.
            }
        }
    }

    /// <summary>Begins a file with a record. Only when that is stored does the oldest file go: a full disk must not eat the log.</summary>
    private void Begin(ReadOnlySpan<byte> encoded, long sequence)
    {
        Directory.CreateDirectory(directory);
        var segment = LogSegment.At(directory, sequence);
        var file = File.OpenHandle(segment.Path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            RandomAccess.Write(file, encoded, 0);
        }
        catch (IOException)
        {
            file.Dispose();
            File.Delete(segment.Path);
            throw;
        }

        _file?.Dispose();
        (_file, _length) = (file, encoded.Length);
        lock (_gate)
        {
            _segments.Add(segment);
            while (_segments.Count > Math.Max(1, _limits.MaxFile))
            {
                File.Delete(_segments[0].Path);
                _segments.RemoveAt(0);
            }
        }
    }

    private static LogRecord? LastOf(LogSegment segment)
    {
        using var reader = LogSegmentReader.TryOpen(segment);
        LogRecord? last = null;
        while (reader?.Read() is { } entry)
        {
            last = entry;
        }

        return last;
    }
}
