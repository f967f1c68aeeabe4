using System.Threading.Channels;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Running;

/// <summary>
/// The runner's own voice between the guests' lines. Whoever has something to say leaves it here and goes on, because a terminal
/// that was stopped must not keep anybody from stopping the stack.
/// </summary>
internal sealed class Announcer(Screen screen, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);
    private readonly Channel<Announcement> _queue = Channel.CreateUnbounded<Announcement>(new UnboundedChannelOptions { SingleReader = true });
    private volatile bool _ending;

    /// <summary>Says each of the lines, in this order.</summary>
    internal void Say(params IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            _queue.Writer.TryWrite(new Announcement(line, AfterLogs: false));
        }
    }

    /// <summary>Says what happened, if it is worth a line at this stage of the run.</summary>
    internal void Say(StackEvent happened, bool verbose)
    {
        var colors = screen.ErrorColors;
        var line = verbose ? EventText.Verbose(happened, colors) : _ending ? Ending(happened) : EventText.BetweenLogs(happened, colors);
        if (line is not null)
        {
            _queue.Writer.TryWrite(new Announcement(line, AfterLogs: happened.Kind == StackEventKind.Exited));
        }
    }

    /// <summary>From now on services stop because they should, which is said too.</summary>
    internal void BeginEnding() => _ending = true;

    /// <summary>Nothing more will be said.</summary>
    internal void Complete() => _queue.Writer.TryComplete();

    /// <summary>Writes what was left here, until <see cref="Complete"/>.</summary>
    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    /// <exception cref="OutputFailedException">It cannot be written.</exception>
    internal async Task RunAsync(LogPump logs)
    {
        await foreach (var announcement in _queue.Reader.ReadAllAsync())
        {
            if (announcement.AfterLogs)
            {
                await LetLogsGoFirstAsync(logs);
            }

            screen.Announce(announcement.Line);
        }
    }

    /// <summary>The news that a guest ended should not come before its last words, which take another way here.</summary>
    private async Task LetLogsGoFirstAsync(LogPump logs)
    {
        var started = time.GetTimestamp();
        do
        {
            await Task.Delay(Pause, time);
        }
        while (!logs.HasCaughtUp && logs.Silence < Patience && time.GetElapsedTime(started) < Patience);
    }

    private string? Ending(StackEvent happened) =>
        happened is { Kind: StackEventKind.Stopping or StackEventKind.Stopped, Service: { } service }
            ? $"{happened.Instance ?? service}  {happened.Kind}"
            : EventText.WasStopped(happened) ? null : EventText.BetweenLogs(happened, screen.ErrorColors);

    private sealed record Announcement(string Line, bool AfterLogs);
}
