using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Logs;

/// <summary>
/// What a log held at the moment it was asked, as lines. Afterwards it says where a follower goes on, and keeps what the
/// guest had begun and not ended by then.
/// </summary>
internal sealed class LogHistory
{
    private readonly LogQuery _query;
    private readonly long _end;

    public LogHistory(ServiceLog log, LogQuery query)
    {
        Log = log;
        _query = query;
        _end = log.Extent().Next;
        Lines = new(log.Name);
    }

    public ServiceLog Log { get; }

    /// <summary>The sequence of the first record that is not history.</summary>
    public long End => _end;

    /// <summary>Holds unfinished lines for the follower.</summary>
    public LineAssembler Lines { get; private set; }

    /// <summary>The lines in their order, from the disk as they are asked for.</summary>
    public IEnumerable<LogLine> Read() => _query.Tail is { } tail ? ReadTail(tail) : ReadFrom(Log.Extent().Oldest, isWhole: true);

    /// <summary>Reads no more of the files than it takes: memory first, then one file more at a time.</summary>
    private Queue<LogLine> ReadTail(int tail)
    {
        var (inMemory, oldest, _) = Log.Extent();
        var begins = Log.Segments.Select(segment => segment.First).Where(first => first < inMemory).Reverse().Prepend(inMemory).Append(oldest).Distinct();
        foreach (var begin in begins)
        {
            var last = new Queue<LogLine>();
            var count = 0L;
            foreach (var line in ReadFrom(begin, isWhole: begin == oldest))
            {
                count++;
                last.Enqueue(line);
                if (last.Count > tail)
                {
                    last.Dequeue();
                }
            }

            if (count >= tail || begin == oldest)
            {
                return last;
            }
        }

        return new();
    }

    /// <summary>Reads to the end of the history.</summary>
    /// <param name="isWhole">Nothing precedes: a line that begins here really begins here.</param>
    private IEnumerable<LogLine> ReadFrom(long begin, bool isWhole)
    {
        Lines = new(Log.Name);
        var begun = new HashSet<(int Generation, GuestStream Stream)>();
        using var follower = Log.Follow(begin);
        while (follower.Position < _end)
        {
            var batch = follower.Read();
            if (batch.Count == 0)
            {
                break;
            }

            foreach (var line in batch.TakeWhile(entry => entry.Sequence < _end).SelectMany(Lines.Add))
            {
                // Reading from the middle, the first line of a stream may lack its beginning.
                if (!isWhole && begun.Add((line.Generation, line.Stream)))
                {
                    continue;
                }

                if (IsWanted(line))
                {
                    yield return line;
                }
            }
        }

        if (!_query.Follow)
        {
            foreach (var line in Lines.Flush().Where(IsWanted))
            {
                yield return line;
            }
        }
    }

    private bool IsWanted(LogLine line) =>
        (_query.Since is not { } since || line.Time >= since) && (_query.Until is not { } until || line.Time < until);
}
