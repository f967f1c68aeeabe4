using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Control.Folders;
using Wasmrun.Manifest.Loading;

namespace Wasmrun.Cli.Running;

/// <summary>
/// <c>wasmrun up</c> without <c>-d</c>: this process becomes the stack's runner, or, when there is one already, changes that one's stack
/// and shows it.
/// </summary>
internal sealed class ForegroundUp(CommandScope scope, ManifestResult manifest, UpOptions options)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    internal async Task<int> RunAsync(string project, CancellationToken token)
    {
        using var termination = SignalTermination.Listen(scope.Environment.Time, ignoreHangup: false);
        var folder = scope.Folder(project);
        var finder = new RunnerFinder(scope.Environment.Time);
        while (true)
        {
            if (ProjectLock.TryTake(folder) is { } taken)
            {
                using (taken)
                {
                    return await RunHereAsync(folder, termination, token);
                }
            }

            using var found = await finder.FindAsync(folder, token);
            if (found is not null)
            {
                return await AttachAsync(found, termination, token);
            }

            await Task.Delay(Pause, scope.Environment.Time, token);
        }
    }

    private async Task<int> RunHereAsync(ProjectFolder folder, SignalTermination termination, CancellationToken token)
    {
        await using var runner = await RunnerHost.StartAsync(scope, folder, RunnerKind.Foreground, token);
        return await Session(runner.Control, termination)
            .RunAsync(token => runner.Control.ApplyAsync(Request(folder.Project), token), manifest, runner.Ending, token);
    }

    private Task<int> AttachAsync(FoundRunner found, SignalTermination termination, CancellationToken token) =>
        Session(found.Client, termination).RunAsync(
            async token =>
            {
                var reply = await found.Client.ApplyAsync(Request(found.Project.Name), token);
                scope.Replies.ReportChanges(reply);
                return reply;
            },
            manifest,
            runnerEnds: null,
            token);

    private ForegroundSession Session(IStackControl stack, ITermination termination) => new(scope, stack, options.Foreground, termination);

    private ApplyRequest Request(string project) => new(scope.Source(project), options.Apply);
}
