using System.Runtime.CompilerServices;
using Wasmrun.Control.Api;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Running;

/// <summary>
/// What services of a runner print that goes on without them: followed until they have ended, and then read to the end of what is kept,
/// because who follows is not told that there is no more. Each line once.
/// </summary>
/// <param name="over">Done when nothing more is printed.</param>
internal sealed class JoinedLogs(IStackControl stack, LogQuery query, Task over)
{
    /// <summary>Of each instance, the time of the last line that was followed, and how many lines of that time there were.</summary>
    private readonly Dictionary<string, (DateTimeOffset Time, int Lines)> _followed = new(StringComparer.Ordinal);

    internal async IAsyncEnumerable<LogLine> ReadAsync([EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var line in FollowAsync(token))
        {
            _followed[line.Instance] = (line.Time, _followed.TryGetValue(line.Instance, out var last) && last.Time == line.Time ? last.Lines + 1 : 1);
            yield return line;
        }

        if (!over.IsCompleted)
        {
            // The runner has ended, and so has the stream: after the last line.
            yield break;
        }

        await foreach (var line in stack.ReadLogsAsync(query with { Follow = false }, token))
        {
            if (!WasFollowed(line))
            {
                yield return line;
            }
        }
    }

    private async IAsyncEnumerable<LogLine> FollowAsync([EnumeratorCancellation] CancellationToken token)
    {
        using var following = CancellationTokenSource.CreateLinkedTokenSource(token);
        await using var lines = stack.ReadLogsAsync(query, following.Token).GetAsyncEnumerator(following.Token);
        while (true)
        {
            var next = lines.MoveNextAsync().AsTask();
            try
            {
                if (await Task.WhenAny(next, over) != next && !next.IsCompleted)
                {
                    await following.CancelAsync();
                }

                if (!await next)
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (following.IsCancellationRequested && !token.IsCancellationRequested)
            {
                yield break;
            }

            yield return lines.Current;
        }
    }

    /// <summary>The lines of one instance come in the order of their times, both ways.</summary>
    private bool WasFollowed(LogLine line)
    {
        if (!_followed.TryGetValue(line.Instance, out var last) || line.Time > last.Time)
        {
            return false;
        }

        if (line.Time == last.Time)
        {
            _followed[line.Instance] = (last.Time, last.Lines - 1);
            return last.Lines > 0;
        }

        return true;
    }
}
