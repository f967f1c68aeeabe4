using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Manifest.Loading;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Cli.Running;

/// <summary>
/// <c>wasmrun up -d</c>: sees to it that there is a runner, has it bring the stack up or change it, reports what became of that,
/// and leaves.
/// </summary>
internal sealed class DetachedUp(CommandScope scope, ManifestResult manifest, UpOptions options)
{
    private static readonly TimeSpan RunnerPatience = TimeSpan.FromSeconds(10);

    internal async Task<int> RunAsync(string project, CancellationToken token)
    {
        var folder = scope.Folder(project);
        var finder = new RunnerFinder(scope.Environment.Time);
        var running = await finder.FindAsync(folder, token);
        using var found = running ?? await new RunnerLauncher(scope).LaunchAsync(folder, token);
        if (found is null)
        {
            return ExitCodes.Failure;
        }

        var stack = found.Client;
        var begun = scope.Environment.Time.GetTimestamp();
        if (await ApplyAsync(stack, project, token) is not { } reply)
        {
            return await ReportTimeOutAsync(stack, project, token);
        }

        if (running is not null)
        {
            scope.Replies.ReportChanges(reply);
        }

        scope.Replies.ReportOrphans(reply);
        var code = scope.Replies.Report(reply, manifest);
        if (reply is not ApplyReply.Applied)
        {
            if (running is null)
            {
                // A runner that could not have its first stack ends by itself; nothing is left of it when this command is done.
                await finder.WaitUntilGoneAsync(folder, found.Project.Pid, RunnerPatience, token);
            }

            return code;
        }

        if (options.Wait)
        {
            TimeSpan? left = options.WaitTimeout is { } limit ? TimeSpan.FromTicks(Math.Max(0, (limit - scope.Environment.Time.GetElapsedTime(begun)).Ticks)) : null;
            var waited = Report(await new WatchedChange(scope, stack).RunAsync(
                token => stack.WaitAsync(new WaitRequest(WaitCondition.Ready, options.Apply.Services, left), token), token));
            code = waited == ExitCodes.Success ? code : waited;
        }

        await TellAsync(stack, project, token);
        return code;
    }

    /// <summary>Brings the stack up, for as long as <c>--wait</c> may take; null when that is over: the runner goes on by itself.</summary>
    private async Task<ApplyReply?> ApplyAsync(ControlClient stack, string project, CancellationToken token)
    {
        using var patience = options is { Wait: true, WaitTimeout: { } limit } ? new CancellationTokenSource(limit, scope.Environment.Time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            return await new WatchedChange(scope, stack).RunAsync(
                token => stack.ApplyAsync(new ApplyRequest(scope.Source(project), options.Apply), token), either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !token.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<int> ReportTimeOutAsync(ControlClient stack, string project, CancellationToken token)
    {
        var code = Report(await stack.WaitAsync(new WaitRequest(WaitCondition.Ready, options.Apply.Services, TimeSpan.Zero), token));
        await TellAsync(stack, project, token);
        return code;
    }

    private async Task TellAsync(ControlClient stack, string project, CancellationToken token)
    {
        var services = await stack.GetServicesAsync(token);
        foreach (var line in StartBlock.Lines(
            project, services, "See 'wasmrun logs -f' for the output and 'wasmrun down' to stop", scope.Screen.ErrorColors))
        {
            scope.Screen.Tell(line);
        }
    }

    private int Report(WaitResult result)
    {
        switch (result)
        {
            case WaitResult.Reached:
                return ExitCodes.Success;
            case WaitResult.TimedOut timedOut:
                scope.Replies.TellError($"not ready in time: {string.Join(", ", timedOut.Missing)}");
                return ExitCodes.WaitTimedOut;
            case WaitResult.Failed failed:
                scope.Replies.ReportFailures(failed.Failures);
                return ExitCodes.WaitFailed;
            case WaitResult.UnknownServices unknown:
                scope.Replies.ReportUnknown(unknown.Names, unknown.Known);
                return ExitCodes.Failure;
            default:
                throw new InvalidOperationException($"no report for {result.GetType()}");
        }
    }
}
