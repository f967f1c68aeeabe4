using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Control.Folders;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Running;

/// <summary>
/// The process behind <c>up -d</c>: the project's runner until somebody takes the stack down. It ends by itself when the one who
/// started it never asks for a stack, or asks for one that cannot be had, and when all that it was to run was to run once and has.
/// </summary>
internal sealed class DetachedRunner(CommandScope scope)
{
    /// <summary>What the process tells the one who started it when another process is the project's runner.</summary>
    internal const int NotNeeded = 75;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdlePatience = TimeSpan.FromSeconds(30);
    private readonly TimeProvider _time = scope.Environment.Time;

    internal async Task<int> RunAsync(CancellationToken token)
    {
        if (scope.Settings.ProjectName is not { } project)
        {
            scope.Replies.TellError("a runner needs the name of its project");
            return ExitCodes.Failure;
        }

        using var termination = SignalTermination.Listen(_time, ignoreHangup: true);
        var folder = scope.Folder(project);
        using var taken = await TakeLockAsync(folder, token);
        if (taken is null)
        {
            scope.Replies.TellError($"another process is the runner of '{project}'");
            return NotNeeded;
        }

        Environment.CurrentDirectory = folder.State;
        await using var runner = await RunnerHost.StartAsync(scope, folder, RunnerKind.Detached, token);
        using var logging = CancellationTokenSource.CreateLinkedTokenSource(token);
        var logged = LogEventsAsync(runner, await runner.Control.SubscribeAsync(EventQuery.FromNowOn, logging.Token));
        var idle = EndWhenIdleAsync(runner, token);
        await Task.WhenAny(runner.Ending, termination.Requested);
        if (!runner.Ending.IsCompleted)
        {
            await TakeDownAsync(runner, termination, token);
        }

        runner.End();
        await logging.CancelAsync();
        await Task.WhenAll(idle, logged);
        return ExitCodes.Success;
    }

    /// <summary>Who only looks whether there is a runner holds the lock for a moment.</summary>
    private async Task<ProjectLock?> TakeLockAsync(ProjectFolder folder, CancellationToken token)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            if (ProjectLock.TryTake(folder) is { } taken)
            {
                return taken;
            }

            using var other = await RunnerFinder.TryConnectAsync(folder, token);
            if (other is not null || _time.GetElapsedTime(started) > LockPatience)
            {
                return null;
            }

            await Task.Delay(Pause, _time, token);
        }
    }

    private static async Task LogEventsAsync(RunnerHost runner, IAsyncEnumerable<StackEvent> events)
    {
        await foreach (var happened in events)
        {
            runner.Note(EventText.Verbose(happened, Palette.None));
        }
    }

    private async Task EndWhenIdleAsync(RunnerHost runner, CancellationToken token)
    {
        await Task.WhenAny(runner.Ending, runner.Control.FirstApply, Task.Delay(IdlePatience, _time, token));
        if (!runner.Control.IsIdle)
        {
            await Task.WhenAny(runner.Ending, runner.Control.Retired);
        }

        if (!runner.Ending.IsCompleted)
        {
            runner.End();
        }
    }

    private static async Task TakeDownAsync(RunnerHost runner, SignalTermination termination, CancellationToken token)
    {
        var down = runner.Control.DownAsync(new DownOptions(Volumes: false, GracePeriod: null), token);
        if (await Task.WhenAny(down, termination.Insisted) == termination.Insisted)
        {
            await runner.Control.KillAsync(new ServicesRequest([]), token);
        }

        await down;
    }
}
