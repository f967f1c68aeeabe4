namespace Wasmrun.Supervision.Logs;

/// <summary>What an instance writes from one moment on until its log ends: every line of it, however late it is read.</summary>
public sealed class LogReading
{
    private readonly long _from;

    internal LogReading(ServiceLog log)
    {
        Log = log;
        _from = log.Extent().Next;
    }

    internal ServiceLog Log { get; }

    /// <summary>The lines; ends with the log.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync()
    {
        using var follower = Log.Follow(_from);
        var lines = new LineAssembler(Log.Name);
        while (await follower.WaitAsync(CancellationToken.None))
        {
            foreach (var line in follower.Read().SelectMany(lines.Add))
            {
                yield return line;
            }
        }

        foreach (var line in lines.Flush())
        {
            yield return line;
        }
    }
}
