using Microsoft.Extensions.DependencyInjection;
using Wasmrun.Cli.Commands;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Control.Server;
using Wasmrun.Manifest.Loading;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Cli.Running;

/// <summary>
/// <c>wasmrun up --dry-run</c>: prints what <c>up</c> would do, each step with its cause, and does none of it. A running stack is asked;
/// without one the plan is made here, by a reconciler that is never started.
/// </summary>
internal sealed class DryRun(CommandScope scope, ManifestResult manifest, ApplyOptions options)
{
    internal async Task<int> RunAsync(string project, CancellationToken token)
    {
        var folder = scope.Folder(project);
        using var found = await new RunnerFinder(scope.Environment.Time).FindAsync(folder, token);
        var request = new ApplyRequest(scope.Source(project), options);
        var reply = found is not null ? await found.Client.PreviewAsync(request, token) : await PlanHereAsync(project, request, token);
        return scope.Replies.Report(reply, manifest);
    }

    private async Task<ApplyReply> PlanHereAsync(string project, ApplyRequest request, CancellationToken token)
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
        return await provider.GetRequiredService<ReconcilerControl>().PreviewAsync(request, token);
    }
}
