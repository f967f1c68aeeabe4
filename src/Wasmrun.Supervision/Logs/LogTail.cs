using System.Threading.Channels;

namespace Wasmrun.Supervision.Logs;

/// <summary>
/// Follows the logs of a store for one reader, from the moment it is made. One task per log hands lines to the reader through a
/// bounded channel; when the reader is slow the tasks wait, and guests only as its <see cref="LogHold"/> says.
/// </summary>
internal sealed class LogTail : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(LogHistory History, LogFollower Follower)> _begun;
    private readonly List<Task> _pumps = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<LogLine> _lines = Channel.CreateBounded<LogLine>(256);
    private Task _completing = Task.CompletedTask;

    /// <summary>Holds back from now on what the query says.</summary>
    /// <param name="histories">Of the logs that are followed at first, each from where its history ends.</param>
    public LogTail(LogQuery query, IEnumerable<LogHistory> histories)
    {
        Query = query;
        _begun = [.. histories.Select(history => (history, history.Log.Follow(history.End, query.Hold)))];
    }

    public LogQuery Query { get; }

    /// <summary>Follows a log that was opened only now, from the oldest record that is kept of it.</summary>
    public void Add(ServiceLog log) => Pump(log.Follow(log.Extent().Oldest, Query.Hold), new(log.Name));

    /// <summary>No log will be added any more: the reader reads on to the end of those there are, and is done.</summary>
    public void Finish() => _finished.TrySetResult();

    /// <summary>What comes after the histories, which have been read. Once.</summary>
    public IAsyncEnumerable<LogLine> ReadAsync(CancellationToken token)
    {
        foreach (var (history, follower) in _begun)
        {
            Pump(follower, history.Lines);
        }

        _completing = CompleteAsync();
        return _lines.Reader.ReadAllAsync(token);
    }

    /// <summary>After this nothing is held back for the reader. Nothing may be added any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Finish();
        await _completing;
        await Task.WhenAll(Pumps()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _begun.ForEach(begun => begun.Follower.Dispose());
        _ending.Dispose();
    }

    private void Pump(LogFollower follower, LineAssembler lines)
    {
        lock (_gate)
        {
            _pumps.Add(Task.Run(() => PumpAsync(follower, lines, _ending.Token)));
        }
    }

    private Task[] Pumps()
    {
        lock (_gate)
        {
            return [.. _pumps];
        }
    }

    private async Task CompleteAsync()
    {
        await _finished.Task;
        var pumps = Task.WhenAll(Pumps());
        await pumps.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // A log that cannot be read is for the reader to know, after all that could be.
        _lines.Writer.TryComplete(pumps.Exception?.InnerException);
    }

    private async Task PumpAsync(LogFollower follower, LineAssembler lines, CancellationToken token)
    {
        using var _ = follower;
        try
        {
            while (await follower.WaitAsync(token))
            {
                foreach (var line in follower.Read().SelectMany(lines.Add))
                {
                    if (Query.Until is { } until && line.Time >= until)
                    {
                        return;
                    }

                    if (Query.Since is { } since && line.Time < since)
                    {
                        // A log that was opened only now may hold what an earlier runner has left.
                        continue;
                    }

                    await _lines.Writer.WriteAsync(line, token);
                }
            }

            foreach (var line in lines.Flush())
            {
                await _lines.Writer.WriteAsync(line, token);
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The reader has gone.
        }
    }
}
