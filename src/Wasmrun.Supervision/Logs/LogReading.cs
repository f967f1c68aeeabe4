namespace Wasmrun.Supervision.Logs;

/// <summary>What an instance writes from one moment on until its log ends: every line of it, however late it is read. The guest is hardly ahead of the reader.</summary>
public sealed class LogReading
{
    private readonly LogFollower _follower;

    internal LogReading(ServiceLog log)
    {
        Log = log;
        _follower = log.Follow(log.Extent().Next, LogHold.InMemory);
    }

    internal ServiceLog Log { get; }

    /// <summary>The lines, once; ends with the log.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync()
    {
        using var follower = _follower;
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
