using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli.Running;

/// <summary>
/// What a run still has to show when it is over. A run that ended by itself waits for its reader; one that was asked to end, here or
/// by another command, does so only for a reader who reads, and whoever had left off before that is hardly waited for.
/// </summary>
internal sealed class LastWords(LogPump pump, ITermination termination, TimeProvider time)
{
    /// <summary>How long a reader may take for one piece when the run was asked to end.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    /// <summary>How long whoever was not reading has to begin.</summary>
    private static readonly TimeSpan s_leastPatience = TimeSpan.FromMilliseconds(25);

    /// <summary>How long the runner may take to say that the run is over, when the reader has read all there is.</summary>
    private static readonly TimeSpan s_runnersPatience = TimeSpan.FromSeconds(5);

    /// <summary>Below which a delay is none.</summary>
    private static readonly TimeSpan s_leastDelay = TimeSpan.FromMilliseconds(1);

    /// <summary>Returns when all is shown, when nobody reads it, or when somebody insists on an end.</summary>
    /// <param name="askedElsewhere">Done when somebody else wants an end.</param>
    /// <returns>Whether all is shown.</returns>
    internal async Task<bool> WaitAsync(Task shown, Task askedElsewhere)
    {
        await Task.WhenAny(shown, termination.Requested, askedElsewhere);
        var begun = time.GetTimestamp();
        while (!shown.IsCompleted && !termination.Insisted.IsCompleted && Left(time.GetElapsedTime(begun)) is var left && left > TimeSpan.Zero)
        {
            using var over = new CancellationTokenSource();
            await Task.WhenAny(shown, termination.Insisted, Task.Delay(Min(left + s_leastDelay, s_patience), time, over.Token));
            await over.CancelAsync();
        }

        return shown.IsCompleted;
    }

    private TimeSpan Left(TimeSpan waited)
    {
        var silence = pump.Silence;
        return pump.HasCaughtUp
            ? s_runnersPatience - (silence < waited ? silence : waited)
            : Max(s_patience - silence, s_leastPatience - waited);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
