using System.Globalization;
using Wasmrun.Control.Api;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning;
using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Reconciliation.Watching;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Control.Server;

/// <summary>The stack of this process: reads manifests, and asks the reconciler for everything else.</summary>
/// <param name="runner">What this runner is, before it has a stack.</param>
public sealed class ReconcilerControl(StackReconciler reconciler, IFileEvents files, TimeProvider time, ProjectInfo runner) : IStackControl, IDisposable
{
    /// <summary>What a timer can wait; who wants events until a later moment reads on to the end of the stack.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(40);

    private readonly SemaphoreSlim _watching = new(1);
    private readonly TaskCompletionSource _firstApply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _takenDown = new();
    private int _applying;

    /// <summary>Done when somebody has asked for a stack and knows what became of that.</summary>
    public Task FirstApply => _firstApply.Task;

    /// <summary>Whether there is neither a stack nor anybody who is bringing one up.</summary>
    public bool IsIdle => reconciler.Stack is null && Volatile.Read(ref _applying) == 0;

    public Task<ProjectInfo> GetProjectAsync(CancellationToken token) => Task.FromResult(
        reconciler.Stack is { } stack ? runner with { Directory = stack.Directory, Files = stack.Files } : runner);

    public Task<IReadOnlyList<ServiceStatus>> GetServicesAsync(CancellationToken token) => Task.FromResult(reconciler.Snapshot());

    public Task<IReadOnlyList<InstanceStats>> GetStatsAsync(CancellationToken token) => Task.FromResult(reconciler.Measure());

    public async Task<ApplyReply> ApplyAsync(ApplyRequest request, CancellationToken token)
    {
        try
        {
            var manifest = ManifestLoader.Load(request.Source.ToRequest());
            return manifest.Stack is { } stack ? await ApplyAsync(stack, request.Options, token) : Invalid(manifest);
        }
        finally
        {
            _firstApply.TrySetResult();
        }
    }

    /// <summary>For who has a stack without a manifest, such as <c>wasmrun os</c>.</summary>
    public async Task<ApplyReply> ApplyAsync(StackSpec stack, ApplyOptions options, CancellationToken token)
    {
        Interlocked.Increment(ref _applying);
        try
        {
            return Reply(await reconciler.ApplyAsync(stack, options, token));
        }
        finally
        {
            Interlocked.Decrement(ref _applying);
        }
    }

    public async Task<ApplyReply> PreviewAsync(ApplyRequest request, CancellationToken token)
    {
        var manifest = ManifestLoader.Load(request.Source.ToRequest());
        if (manifest.Stack is not { } stack)
        {
            return Invalid(manifest);
        }

        return Planned(await reconciler.PreviewAsync(stack, request.Options, token));
    }

    public async Task<ApplyReply> RestartAsync(ServicesRequest request, CancellationToken token) =>
        request.DryRun
            ? Planned(await reconciler.PreviewAsync(request.Services, (wish, names) => WishChanges.Restart(wish, names, request.GracePeriod), token))
            : Reply(await reconciler.RestartAsync(request.Services, request.GracePeriod, token));

    public async Task<ApplyReply> StopAsync(ServicesRequest request, CancellationToken token) =>
        request.DryRun
            ? Planned(await reconciler.PreviewAsync(request.Services, (wish, names) => WishChanges.Stop(wish, names, request.GracePeriod), token))
            : Reply(await reconciler.StopAsync(request.Services, request.GracePeriod, token));

    public async Task<ApplyReply> StartAsync(ServicesRequest request, CancellationToken token) =>
        request.DryRun
            ? Planned(await reconciler.PreviewAsync(request.Services, WishChanges.Start, token))
            : Reply(await reconciler.StartAsync(request.Services, token));

    public async Task<ApplyReply> KillAsync(ServicesRequest request, CancellationToken token) =>
        request.DryRun
            ? Planned(await reconciler.PreviewAsync(request.Services, (wish, names) => WishChanges.Stop(wish, names, TimeSpan.Zero), token))
            : Reply(await reconciler.KillAsync(request.Services, token));

    public async Task<ApplyReply> ScaleAsync(ScaleRequest request, CancellationToken token) =>
        request.DryRun
            ? Planned(await reconciler.PreviewAsync(
                [.. request.Replicas.Keys], (wish, _) => WishChanges.Scale(wish, request.Replicas, !request.NoDependencies), token))
            : Reply(await reconciler.ScaleAsync(request.Replicas, !request.NoDependencies, token));

    public Task<WaitResult> WaitAsync(WaitRequest request, CancellationToken token) =>
        reconciler.WaitForAsync(request.Condition, request.Services, request.Timeout, token);

    public async Task WatchAsync(WatchRequest request, CancellationToken token)
    {
        await _watching.WaitAsync(token);
        try
        {
            await new StackWatcher(reconciler, files, time).RunAsync(
                request.Options.Services, request.Source is { } source ? token => ReapplyAsync(source, request.Options, token) : null, token);
        }
        finally
        {
            _watching.Release();
        }
    }

    public async Task<ApplyReply> PreviewDownAsync(DownOptions options, CancellationToken token) => Planned(await reconciler.PreviewAsync(options, token));

    public async Task<DownReport> DownAsync(DownOptions options, CancellationToken token)
    {
        var report = await reconciler.DownAsync(options, token);
        await _takenDown.CancelAsync();
        return report;
    }

    public IAsyncEnumerable<LogLine> ReadLogsAsync(LogQuery query, CancellationToken token) => reconciler.ReadLogsAsync(query, token);

    public Task<IAsyncEnumerable<StackEvent>> SubscribeAsync(EventQuery query, CancellationToken token)
    {
        var subscription = reconciler.Events.Subscribe(query.Since);
        token.Register(subscription.Dispose);
        _takenDown.Token.Register(subscription.Dispose);
        return Task.FromResult(query.Until is { } until ? ReadAsync(subscription, until) : subscription.ReadAllAsync(CancellationToken.None));
    }

    public void Dispose()
    {
        _takenDown.Dispose();
        _watching.Dispose();
    }

    private async IAsyncEnumerable<StackEvent> ReadAsync(EventSubscription subscription, DateTimeOffset until)
    {
        var rest = until - time.GetUtcNow();
        using var end = new CancellationTokenSource(rest < s_longestWait ? TimeSpan.FromTicks(Math.Max(0, rest.Ticks)) : Timeout.InfiniteTimeSpan, time);
        await using var ending = end.Token.Register(subscription.Dispose);
        await foreach (var happened in subscription.ReadAllAsync(CancellationToken.None))
        {
            if (happened.Time >= until)
            {
                yield break;
            }

            yield return happened;
        }
    }

    /// <summary>As a second <c>up</c>; gives why it could not be done.</summary>
    private async Task<string?> ReapplyAsync(StackSource source, ApplyOptions options, CancellationToken token)
    {
        var request = new ApplyRequest(source, options with { ForceRecreate = false, Build = false });
        return await ApplyAsync(request, token) switch
        {
            ApplyReply.ManifestInvalid invalid => string.Join('\n', invalid.Diagnostics.Select(Describe)),
            ApplyReply.PortsTaken taken => string.Join('\n', taken.Conflicts.Select(conflict =>
                string.Create(CultureInfo.InvariantCulture, $"service '{conflict.Service}': port {conflict.Port} is taken ({conflict.Error})"))),
            ApplyReply.ModulesUnusable unusable => string.Join('\n', unusable.Failures.Select(failure => $"service '{failure.Service}': {failure.Message}")),
            ApplyReply.UnknownServices unknown => $"the manifest no longer declares {string.Join(", ", unknown.Names)}",
            ApplyReply.Refused refused => string.Join('\n', refused.Complaints),
            _ => null,
        };
    }

    private static string Describe(Diagnostic found) => found.ToString();

    private static ApplyReply.ManifestInvalid Invalid(ManifestResult manifest) =>
        new([.. manifest.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)]);

    private static ApplyReply Planned(ApplyResult result) =>
        result is ApplyResult.Applied planned ? new ApplyReply.Planned(PlanPrinter.Print(planned.Plan)) : Reply(result);

    private static ApplyReply Reply(ApplyResult result) => result switch
    {
        ApplyResult.Applied applied => new ApplyReply.Applied(
            [.. applied.Plan.Actions.Select(action => new AppliedStep(action.Id, action.Cause.Text))], applied.Plan.Orphans, applied.Failures),
        ApplyResult.PortsTaken taken => new ApplyReply.PortsTaken(taken.Conflicts),
        ApplyResult.ModulesUnusable unusable => new ApplyReply.ModulesUnusable(unusable.Failures),
        ApplyResult.UnknownServices unknown => new ApplyReply.UnknownServices(unknown.Names, unknown.Known),
        ApplyResult.Refused refused => new ApplyReply.Refused(refused.Complaints),
        ApplyResult.Abandoned abandoned => new ApplyReply.Abandoned(abandoned.Reason),
        _ => throw new InvalidOperationException($"no reply for {result.GetType()}"),
    };
}
