namespace Wasmrun.Supervision.Logs;

/// <summary>Merges the lines of several logs by time without changing the order within any of them.</summary>
internal static class LogMerge
{
    /// <summary>Takes from each source only as far as it has to.</summary>
    public static IEnumerable<LogLine> ByTime(IEnumerable<IEnumerable<LogLine>> sources)
    {
        var heads = new PriorityQueue<IEnumerator<LogLine>, (DateTimeOffset Time, int Source)>();
        var opened = new List<IEnumerator<LogLine>>();
        try
        {
            foreach (var source in sources)
            {
                var lines = source.GetEnumerator();
                opened.Add(lines);
                Advance(lines, opened.Count);
            }

            while (heads.TryDequeue(out var lines, out var key))
            {
                yield return lines.Current;
                Advance(lines, key.Source);
            }
        }
        finally
        {
            opened.ForEach(lines => lines.Dispose());
        }

        void Advance(IEnumerator<LogLine> lines, int source)
        {
            if (lines.MoveNext())
            {
                heads.Enqueue(lines, (lines.Current.Time, source));
            }
        }
    }
}
