using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Logs;

/// <summary>
/// Makes lines of records for one reader: what a guest wrote in pieces becomes one line, and what it left unfinished
/// becomes a line when it ends.
/// </summary>
internal sealed class LineAssembler(LogName name)
{
    /// <summary>A guest may never end its line; a reader must not collect it for ever.</summary>
    private const int LongestLine = 1024 * 1024;

    private readonly Dictionary<(int Generation, GuestStream Stream), Unfinished> _unfinished = [];

    /// <summary>The lines that the record completes.</summary>
    public IReadOnlyList<LogLine> Add(LogRecord entry) =>
        entry.IsEnd ? End(entry.Generation) : Split(entry, entry.Bytes);

    /// <summary>What is unfinished, as lines, oldest first.</summary>
    public IReadOnlyList<LogLine> Flush() => End(generation: 0);

    private List<LogLine> Split(LogRecord entry, ReadOnlyMemory<byte> bytes)
    {
        var lines = new List<LogLine>();
        var key = (entry.Generation, entry.Stream);
        while (!bytes.IsEmpty)
        {
            var length = bytes.Span.IndexOf((byte)'\n');
            var piece = length < 0 ? bytes : bytes[..length];
            bytes = length < 0 ? default : bytes[(length + 1)..];
            _unfinished.Remove(key, out var begun);
            if (begun is null && length >= 0)
            {
                lines.Add(Line(entry.Time, key, piece, isTerminated: true));
                continue;
            }

            begun ??= new(entry.Time);
            begun.Bytes.Write(piece.Span);
            if (length >= 0 || begun.Bytes.Length >= LongestLine)
            {
                lines.Add(Line(begun.Time, key, begun.Bytes.ToArray(), isTerminated: length >= 0));
            }
            else
            {
                _unfinished[key] = begun;
            }
        }

        return lines;
    }

    private List<LogLine> End(int generation)
    {
        var lines = new List<LogLine>();
        foreach (var (key, begun) in _unfinished.Where(entry => generation == 0 || entry.Key.Generation == generation).OrderBy(entry => entry.Value.Time).ToArray())
        {
            _unfinished.Remove(key);
            lines.Add(Line(begun.Time, key, begun.Bytes.ToArray(), isTerminated: false));
        }

        return lines;
    }

    private LogLine Line(DateTimeOffset time, (int Generation, GuestStream Stream) key, ReadOnlyMemory<byte> bytes, bool isTerminated) =>
        new(time, name.Service, name.Instance, key.Generation, key.Stream, bytes, isTerminated);

    private sealed class Unfinished(DateTimeOffset time)
    {
        public DateTimeOffset Time { get; } = time;

        public MemoryStream Bytes { get; } = new();
    }
}
