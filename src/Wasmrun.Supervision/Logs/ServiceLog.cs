using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Wasmrun.Manifest.Specs;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Supervision.Logs;

/// <summary>
/// The output of one instance of a service, over all its generations: exactly the bytes that were written, each write
/// with its time. It is stored by the guest's own thread before the guest goes on, so a flood is slowed by the disk, and
/// by those readers who hold what they have not read yet; all others take what they want at their own pace.
/// </summary>
public sealed class ServiceLog : IDisposable
{
    /// <summary>The longest record: a longer write becomes several.</summary>
    private const int LongestRecord = 32 * 1024;

    /// <summary>What a byte may become on disk, and what a record takes beside its bytes.</summary>
    private const long EncodedPerByte = 6;

    private const long EncodedPerRecord = 512;

    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly LogFiles _files;
    private readonly LogRing _ring;
    private readonly LogLimits _usual;
    private readonly EventStream _events;
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<byte> _encoded = new();
    private readonly List<LogFollower> _holders = [];
    private readonly Utf8JsonWriter _writer;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isHeld;
    private bool _isAwaited;
    private bool _isClosed;
    private long _lostBytes;
    private long? _failedAt;

    internal ServiceLog(LogName name, string directory, LogLimits limits, EventStream events, TimeProvider time)
    {
        Name = name;
        _files = new(directory, limits);
        _ring = new(limits.RingBytes);
        _usual = limits;
        _events = events;
        _time = time;
        _writer = LogRecordFormat.CreateWriter(_encoded);
    }

    internal LogName Name { get; }

    /// <summary>Where the standard streams of one generation of the instance go.</summary>
    public IGuestOutput OutputOf(int generation) => new GenerationOutput(this, generation);

    /// <summary>Marks that a generation has written all that it ever will, which ends a line it left unfinished.</summary>
    public void End(int generation) => Append(generation, GuestStream.Output, default, isEnd: true);

    /// <summary>The last lines that are still in memory, oldest first, for a report of what went wrong.</summary>
    public IReadOnlyList<string> RecentLines(int count)
    {
        var recent = new List<LogRecord>();
        lock (_gate)
        {
            _ring.CopyTo(recent, _ring.First, int.MaxValue);
        }

        var lines = new LineAssembler(Name);
        List<LogLine> all = [.. recent.SelectMany(lines.Add), .. lines.Flush()];
        return [.. all.TakeLast(count).Select(line => Encoding.UTF8.GetString(line.Bytes.Span))];
    }

    /// <summary>Keeps on disk from now on what the service's options say, and otherwise what is usual.</summary>
    internal void Use(LoggingSpec options) =>
        _files.Use(_usual with { MaxSize = options.MaxSize ?? _usual.MaxSize, MaxFile = options.MaxFile ?? _usual.MaxFile });

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _files.Dispose();
            _writer.Dispose();
            Wake();
        }
    }

    /// <summary>Goes on where an earlier run of the project ended.</summary>
    internal void Load()
    {
        lock (_gate)
        {
            if (_files.Load() is { } last)
            {
                _ring.Restart(last.Sequence + 1);
                if (!last.IsEnd)
                {
                    AppendLocked(0, GuestStream.Output, default, isEnd: true);
                }
            }
        }
    }

    /// <summary>A reader of its own position, to be disposed.</summary>
    internal LogFollower Follow(long from, LogHold hold = LogHold.None)
    {
        var follower = new LogFollower(this, from, hold);
        if (hold != LogHold.None)
        {
            lock (_gate)
            {
                _holders.Add(follower);
                _isHeld = true;
            }
        }

        return follower;
    }

    /// <summary>Holds nothing back any more for a reader who leaves.</summary>
    internal void Release(LogFollower follower)
    {
        if (follower.Hold != LogHold.None)
        {
            lock (_gate)
            {
                _holders.Remove(follower);
                _isHeld = _holders.Count > 0;
            }
        }
    }

    internal IReadOnlyList<LogSegment> Segments => _files.Segments;

    /// <summary>The sequence of the oldest record that is kept, in memory and in all.</summary>
    internal (long InMemory, long Oldest, long Next) Extent()
    {
        lock (_gate)
        {
            var segments = _files.Segments;
            return (_ring.First, segments.Count > 0 ? Math.Min(segments[0].First, _ring.First) : _ring.First, _ring.Next);
        }
    }

    /// <summary>Takes records from memory.</summary>
    /// <returns>False when the position is older than what memory holds.</returns>
    internal bool TryTake(List<LogRecord> batch, long from, int limit)
    {
        lock (_gate)
        {
            if (from < _ring.First)
            {
                return false;
            }

            _ring.CopyTo(batch, from, limit);
            return true;
        }
    }

    /// <summary>Waits until there is a record at the position.</summary>
    /// <returns>False when there will never be one, because the log is closed.</returns>
    internal async ValueTask<bool> WaitForAsync(long position, CancellationToken token)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (position < _ring.Next)
                {
                    return true;
                }

                if (_isClosed)
                {
                    return false;
                }

                _isAwaited = true;
                changed = _changed.Task;
            }

            await changed.WaitAsync(token);
        }
    }

    private bool HasRoom(int bytes)
    {
        if (!_isHeld)
        {
            return true;
        }

        lock (_gate)
        {
            // Two generations may ask for room at the same time, and then both use it.
            var all = bytes + LongestRecord;
            return _isClosed || !_holders.Exists(holder => holder.Hold == LogHold.InMemory || _failedAt is not null
                ? _ring.WouldDrop(holder.Position, bytes)
                : _files.WouldDrop(holder.Position, _ring.Next, Encoded(all)));
        }
    }

    /// <summary>At most what so many bytes take on disk.</summary>
    private static long Encoded(int bytes) => (EncodedPerByte * bytes) + (EncodedPerRecord * ((bytes / LongestRecord) + 2));

    private void Write(int generation, GuestStream stream, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var length = Math.Min(bytes.Length, LongestRecord);
            Append(generation, stream, bytes[..length].ToArray(), isEnd: false);
            bytes = bytes[length..];
        }
    }

    private void Append(int generation, GuestStream stream, ReadOnlyMemory<byte> bytes, bool isEnd)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                AppendLocked(generation, stream, bytes, isEnd);
            }
        }
    }

    private void AppendLocked(int generation, GuestStream stream, ReadOnlyMemory<byte> bytes, bool isEnd)
    {
        var entry = new LogRecord(_ring.Next, _time.GetUtcNow(), generation, stream, bytes, isEnd);
        Store(entry);
        if (isEnd)
        {
            _files.Rest();
        }

        _ring.Add(entry);
        if (_isAwaited)
        {
            Wake();
        }
    }

    private void Store(LogRecord entry)
    {
        if (_failedAt is { } failedAt && _time.GetElapsedTime(failedAt) < s_retryAfter)
        {
            _lostBytes += entry.Bytes.Length;
            return;
        }

        _encoded.ResetWrittenCount();
        LogRecordFormat.Write(_writer, _encoded, entry);
        try
        {
            _files.Append(_encoded.WrittenSpan, entry.Sequence);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            ReportFailure(entry, failure);
            return;
        }

        if (_failedAt is not null)
        {
            _failedAt = null;
            _events.Publish(
                StackEventKind.LogResumed,
                "its output is stored on disk again",
                new(Name.Service, Name.Instance, entry.Generation),
                ("lostBytes", _lostBytes.ToString(CultureInfo.InvariantCulture)));
            _lostBytes = 0;
        }
    }

    private void ReportFailure(LogRecord entry, Exception failure)
    {
        if (_failedAt is null)
        {
            _events.Publish(
                StackEventKind.LogFailed,
                $"its output cannot be stored on disk and is only shown to those who follow it: {failure.Message}",
                new(Name.Service, Name.Instance, entry.Generation));
        }

        _failedAt = _time.GetTimestamp();
        _lostBytes += entry.Bytes.Length;
    }

    private void Wake()
    {
        _isAwaited = false;
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class GenerationOutput(ServiceLog log, int generation) : IGuestOutput
    {
        public void Write(GuestStream stream, ReadOnlySpan<byte> bytes) => log.Write(generation, stream, bytes);

        public bool HasRoom(int bytes) => log.HasRoom(bytes);
    }
}
