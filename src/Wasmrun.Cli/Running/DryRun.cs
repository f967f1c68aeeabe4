using Microsoft.Extensions.DependencyInjection;
using Wasmrun.Cli.Commands;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Control.Server;
using Wasmrun.Manifest.Loading;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Cli.Running;

/// <summary>
/// <c>--dry-run</c> of commands that need no runner: prints what they would do, each step with its cause, and does none of it. A running stack is asked;
/// without one the plan is made here, by a reconciler that is never started.
/// </summary>
internal sealed class DryRun(CommandScope scope, ManifestResult manifest)
{
    internal Task<int> RunAsync(string project, ApplyOptions options, CancellationToken token) =>
        RunAsync(project, (stack, token) => stack.PreviewAsync(new ApplyRequest(scope.Source(project), options), token), token);

    /// <summary>The same for another request than that of <c>up</c>.</summary>
    internal async Task<int> RunAsync(string project, Func<IStackControl, CancellationToken, Task<ApplyReply>> preview, CancellationToken token)
    {
        var folder = scope.Folder(project);
        using var found = await new RunnerFinder(scope.Environment.Time).FindAsync(folder, token);
        var reply = found is not null ? await preview(found.Client, token) : await PlanHereAsync(project, preview, token);
        return scope.Replies.Report(reply, manifest);
    }

    private async Task<ApplyReply> PlanHereAsync(string project, Func<IStackControl, CancellationToken, Task<ApplyReply>> preview, CancellationToken token)
    {
        var folder = scope.Folder(project);
        await using var log = new RunnerLog(scope.Screen, scope.Environment.Time, detailed: false);
        log.Start();
        var services = new ServiceCollection().AddSingleton(scope.Environment.Time).AddSingleton(folder);
        services.AddSingleton(new ProjectInfo(
            project, Directory: null, Files: [], Environment.ProcessId, PrintVersion.Version, scope.Environment.Time.GetUtcNow(), Detached: false));
        StackServices.AddTo(services, scope, folder, log);
        services.AddSingleton<ReconcilerControl>();
        await using var provider = services.BuildServiceProvider();
        return await preview(provider.GetRequiredService<ReconcilerControl>(), token);
    }
}
