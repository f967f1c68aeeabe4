using Microsoft.AspNetCore.Http;

namespace Wasmrun.Control.Server;

/// <summary>
/// Those who read what this runner sends as it comes. When the runner ends, who reads has the rest, and the runner waits for it; whoever
/// does not read is cut off, and learns of it.
/// </summary>
internal sealed class StreamReaders(TimeProvider time, CancellationToken runnerEnds)
{
    /// <summary>How long a reader may take for one piece, which is as much as the buffers on the way to it hold.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>How long whoever was not reading has to begin.</summary>
    private static readonly TimeSpan s_leastPatience = TimeSpan.FromMilliseconds(25);

    /// <summary>Below which a delay is none.</summary>
    private static readonly TimeSpan s_leastDelay = TimeSpan.FromMilliseconds(1);

    /// <summary>How long all of it may take, also for a reader who reads: less than <c>down</c> waits for the end of the runner.</summary>
    private static readonly TimeSpan s_longestEnding = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly HashSet<Task> _open = [];

    /// <summary>Sends a stream to its end, or as far as the reader takes it when the runner ends.</summary>
    internal Task ServeAsync<T>(HttpContext context, Func<CancellationToken, IAsyncEnumerable<T>> read) => ServeAsync(context, read, s_patience);

    /// <summary>The same for what is kept nowhere: whoever pauses for long has it all the same.</summary>
    internal Task ServeOnceAsync<T>(HttpContext context, Func<CancellationToken, IAsyncEnumerable<T>> read) => ServeAsync(context, read, s_longestEnding);

    /// <summary>Waits until nobody reads any more.</summary>
    internal Task FinishAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_open);
        }
    }

    private async Task ServeAsync<T>(HttpContext context, Func<CancellationToken, IAsyncEnumerable<T>> read, TimeSpan patience)
    {
        var serving = SendAsync(context, read, patience);
        lock (_gate)
        {
            _open.Add(serving);
        }

        try
        {
            await serving;
        }
        finally
        {
            lock (_gate)
            {
                _open.Remove(serving);
            }
        }
    }

    private async Task SendAsync<T>(HttpContext context, Func<CancellationToken, IAsyncEnumerable<T>> read, TimeSpan patience)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var progress = new StreamProgress(time);
        var ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var runnersEnd = runnerEnds.Register(ending.SetResult);
        var sending = JsonExchange.WriteLinesAsync(context, read, progress, leaving.Token);
        await Task.WhenAny(sending, ending.Task);
        await LetReadAsync(sending, progress, patience);
        if (!sending.IsCompleted && !progress.HasCaughtUp)
        {
            context.Abort();
        }

        await leaving.CancelAsync();
        try
        {
            await sending;
        }
        catch (OperationCanceledException) when (runnerEnds.IsCancellationRequested)
        {
            // Who has read all there was sees the end of the stream, which is what the end of the runner means to it.
        }
    }

    private async Task LetReadAsync(Task sending, StreamProgress progress, TimeSpan patience)
    {
        var begun = time.GetTimestamp();
        while (!sending.IsCompleted && Left(progress, patience, time.GetElapsedTime(begun)) is var left && left > TimeSpan.Zero)
        {
            using var over = new CancellationTokenSource();
            await Task.WhenAny(sending, Task.Delay(left + s_leastDelay, time, over.Token));
            await over.CancelAsync();
        }
    }

    private static TimeSpan Left(StreamProgress progress, TimeSpan patience, TimeSpan waited)
    {
        var silence = progress.Silence;
        var left = progress.HasCaughtUp
            ? patience - (silence < waited ? silence : waited)
            : Max(patience - silence, s_leastPatience - waited);
        return waited < s_longestEnding ? left : TimeSpan.Zero;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
