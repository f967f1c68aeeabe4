using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Rendering;

/// <summary>
/// Carries log lines to the terminal: a flood in large pieces, a single line at once. A terminal that does not read holds up this
/// pump, and the guests only when there is no more room where their output is stored.
/// </summary>
internal sealed class LogPump(ILineSink sink)
{
    private volatile bool _caughtUp;
    private long _progress;

    /// <summary>Whether every line that could be read has been written.</summary>
    internal bool HasCaughtUp => _caughtUp;

    /// <summary>Changes whenever the reader has taken something, or there was more to write.</summary>
    internal long Progress => Volatile.Read(ref _progress) + sink.Written;

    /// <summary>Runs until there are no more lines.</summary>
    /// <exception cref="Terminal.OutputClosedException">Nobody reads the output any more.</exception>
    /// <exception cref="Terminal.OutputFailedException">The output cannot be written.</exception>
    internal async Task RunAsync(IAsyncEnumerable<LogLine> lines, CancellationToken token)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(token);
        await using var items = lines.GetAsyncEnumerator(reading.Token);
        var next = items.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                if (!next.IsCompleted)
                {
                    sink.Flush();
                    _caughtUp = true;
                }

                if (!await next)
                {
                    break;
                }

                _caughtUp = false;
                sink.Add(items.Current);
                Interlocked.Increment(ref _progress);
                next = items.MoveNextAsync().AsTask();
            }

            sink.Flush();
            _caughtUp = true;
        }
        finally
        {
            // A reader must not be disposed while it is asked for the next line.
            await reading.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
