namespace Wasmrun.Supervision.Logs;

/// <summary>What an instance writes from one moment on until its log ends: every byte of it, however late it is read. The guest is hardly ahead of the reader.</summary>
public sealed class LogReading
{
    /// <summary>How much of what was written in small portions is handed on at once, in bytes.</summary>
    private const int LongestJoined = 32 * 1024;

    private readonly LogFollower _follower;

    internal LogReading(ServiceLog log)
    {
        Log = log;
        _follower = log.Follow(log.Extent().Next, LogHold.InMemory);
    }

    internal ServiceLog Log { get; }

    /// <summary>The output in the order in which it was written, once; ends with the log. What is there already comes in large pieces.</summary>
    public async IAsyncEnumerable<LogPiece> ReadAsync()
    {
        using var follower = _follower;
        while (await follower.WaitAsync(CancellationToken.None))
        {
            foreach (var piece in Join(follower.Read()))
            {
                yield return piece;
            }
        }
    }

    private static IEnumerable<LogPiece> Join(IReadOnlyList<LogRecord> records)
    {
        for (var (begin, end) = (0, 0); begin < records.Count; begin = end)
        {
            var first = records[begin];
            var length = first.Bytes.Length;
            for (end = begin + 1; end < records.Count && Continues(first, records[end]) && length + records[end].Bytes.Length <= LongestJoined; end++)
            {
                length += records[end].Bytes.Length;
            }

            // An end mark alone has nothing in it.
            if (length > 0)
            {
                yield return new LogPiece(first.Generation, first.Stream, length == first.Bytes.Length ? first.Bytes : Join(records, begin, end, length));
            }
        }
    }

    private static byte[] Join(IReadOnlyList<LogRecord> records, int begin, int end, int length)
    {
        var joined = new byte[length];
        for (var (index, filled) = (begin, 0); index < end; filled += records[index++].Bytes.Length)
        {
            records[index].Bytes.Span.CopyTo(joined.AsSpan(filled));
        }

        return joined;
    }

    private static bool Continues(LogRecord first, LogRecord next) => first.Generation == next.Generation && first.Stream == next.Stream;
}
