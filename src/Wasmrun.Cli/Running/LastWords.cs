using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli.Running;

/// <summary>What a run still has to show when it is over. A run that ended by itself waits for its reader; one that was asked to end does so only while the reader reads.</summary>
internal sealed class LastWords(LogPump pump, ITermination termination, TimeProvider time)
{
    /// <summary>How long a reader may take for one piece when the run was asked to end.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    /// <summary>How many times as long the runner may take to say that the run is over, when the reader has read all there is.</summary>
    private const int RunnersPatience = 10;

    /// <summary>Returns when all is shown, when nobody reads it, or when somebody insists on an end.</summary>
    /// <returns>Whether all is shown.</returns>
    internal async Task<bool> WaitAsync(Task shown)
    {
        var silences = 0;
        while (!shown.IsCompleted && !termination.Insisted.IsCompleted)
        {
            if (!termination.Requested.IsCompleted)
            {
                await Task.WhenAny(shown, termination.Requested);
                continue;
            }

            var before = pump.Progress;
            using var over = new CancellationTokenSource();
            await Task.WhenAny(shown, termination.Insisted, Task.Delay(s_patience, time, over.Token));
            await over.CancelAsync();
            silences = pump.Progress == before ? silences + 1 : 0;
            if (silences >= (pump.HasCaughtUp ? RunnersPatience : 1))
            {
                break;
            }
        }

        return shown.IsCompleted;
    }
}
