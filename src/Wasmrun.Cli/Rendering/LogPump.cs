using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Rendering;

/// <summary>
/// Carries log lines to the terminal: a flood in large pieces, a single line at once. A terminal that does not read holds up this
/// pump, and the guests only when there is no more room where their output is stored.
/// </summary>
internal sealed class LogPump(ILineSink sink, TimeProvider time)
{
    private volatile bool _caughtUp;
    private long _lastTold = time.GetTimestamp();

    /// <summary>Whether every line that could be read has been written.</summary>
    internal bool HasCaughtUp => _caughtUp;

    /// <summary>For how long neither the reader has taken something nor there was more to write.</summary>
    internal TimeSpan Silence => time.GetElapsedTime(Math.Max(Volatile.Read(ref _lastTold), sink.LastTaken));

    /// <summary>Runs until there are no more lines.</summary>
    /// <exception cref="Terminal.OutputClosedException">Nobody reads the output any more.</exception>
    /// <exception cref="Terminal.OutputFailedException">The output cannot be written.</exception>
    internal Task RunAsync(IAsyncEnumerable<LogLine> lines, CancellationToken token) => RunAsync(lines, sink.Add, token);

    /// <summary>Runs until there is no more output, in whatever portions it comes.</summary>
    /// <param name="add">Puts a portion into the sink of this pump.</param>
    /// <exception cref="Terminal.OutputClosedException">Nobody reads the output any more.</exception>
    /// <exception cref="Terminal.OutputFailedException">The output cannot be written.</exception>
    internal async Task RunAsync<T>(IAsyncEnumerable<T> output, Action<T> add, CancellationToken token)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(token);
        await using var items = output.GetAsyncEnumerator(reading.Token);
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

                Volatile.Write(ref _lastTold, time.GetTimestamp());
                _caughtUp = false;
                add(items.Current);
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
