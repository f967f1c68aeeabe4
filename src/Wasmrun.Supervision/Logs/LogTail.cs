using System.Threading.Channels;

namespace Wasmrun.Supervision.Logs;

/// <summary>
/// Follows the logs of a store for one reader, those that are opened later included. One task per log hands lines to the
/// reader through a bounded channel; when the reader is slow the tasks wait, and guests only as its <see cref="LogHold"/> says.
/// </summary>
internal sealed class LogTail : IAsyncDisposable
{
    private readonly LogStore _store;
    private readonly int _epoch;
    private readonly LogQuery _query;
    private readonly CancellationTokenSource _ending;
    private readonly Channel<LogLine> _lines = Channel.CreateBounded<LogLine>(256);
    private readonly Dictionary<ServiceLog, Task> _pumps = [];
    private readonly IReadOnlyList<LogHistory> _histories;
    private Task? _watching;

    public LogTail(LogStore store, int epoch, LogQuery query, IReadOnlyList<LogHistory> histories, CancellationToken token)
    {
        _store = store;
        _epoch = epoch;
        _query = query;
        _histories = histories;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(token);
    }

    public IAsyncEnumerable<LogLine> ReadAsync(CancellationToken token)
    {
        _watching = WatchAsync(_ending.Token);
        return _lines.Reader.ReadAllAsync(token);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        if (_watching is not null)
        {
            await _watching;
        }

        _ending.Dispose();
    }

    private async Task WatchAsync(CancellationToken token)
    {
        Exception? failure = null;
        try
        {
            foreach (var history in _histories)
            {
                _pumps.Add(history.Log, PumpAsync(history.Log.Follow(history.End, _query.Hold), history.Lines, token));
            }

            while (true)
            {
                var (logs, epoch, isClosed, changed) = _store.Look();
                if (epoch != _epoch)
                {
                    break;
                }

                foreach (var log in logs.Where(log => LogStore.IsWanted(log, _query) && !_pumps.ContainsKey(log)))
                {
                    _pumps.Add(log, PumpAsync(log.Follow(log.Extent().Oldest, _query.Hold), new(log.Name), token));
                }

                if (isClosed)
                {
                    break;
                }

                await changed.WaitAsync(token);
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The reader has gone.
        }
        finally
        {
            try
            {
                await Task.WhenAll(_pumps.Values);
            }
            catch (IOException unreadable)
            {
                failure = unreadable;
            }

            _lines.Writer.TryComplete(failure);
        }
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
                    if (_query.Until is { } until && line.Time >= until)
                    {
                        return;
                    }

                    if (_query.Since is { } since && line.Time < since)
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
