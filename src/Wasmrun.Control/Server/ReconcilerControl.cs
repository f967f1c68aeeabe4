using System.Globalization;
using System.Runtime.CompilerServices;
using Wasmrun.Control.Api;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Flags;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Reconciliation.OneOffs;
using Wasmrun.Reconciliation.Watching;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Control.Server;

/// <summary>The stack of this process: reads manifests, and asks the reconciler for everything else.</summary>
public sealed class ReconcilerControl : IStackControl, IDisposable
{
    /// <summary>What a timer can wait; who wants events until a later moment reads on to the end of the stack.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(40);

    private readonly SemaphoreSlim _watching = new(1);
    private readonly TaskCompletionSource _firstApply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _takenDown = new();
    private readonly StackReconciler _reconciler;
    private readonly IFileEvents _files;
    private readonly TimeProvider _time;
    private readonly ProjectInfo _runner;
    private readonly OneOffSessions _oneOffs;
    private int _applying;
    private volatile bool _wasApplied;

    /// <summary>Starts nothing.</summary>
    /// <param name="runner">What this runner is, before it has a stack.</param>
    public ReconcilerControl(StackReconciler reconciler, IFileEvents files, TimeProvider time, ProjectInfo runner)
    {
        _reconciler = reconciler;
        _files = files;
        _time = time;
        _runner = runner;
        _oneOffs = new(reconciler, time, () => runner.Detached && !_wasApplied && Volatile.Read(ref _applying) == 0);
    }

    /// <summary>Done when somebody has asked for a stack and knows what became of that.</summary>
    public Task FirstApply => _firstApply.Task;

    /// <summary>Whether there is neither a stack nor anybody who is bringing one up.</summary>
    public bool IsIdle => _reconciler.Stack is null && Volatile.Read(ref _applying) == 0 && _oneOffs.IsIdle;

    /// <summary>Done when a runner that nobody has asked for a stack has seen the end of all that was to run once.</summary>
    public Task Retired => _oneOffs.Retired;

    public Task<ProjectInfo> GetProjectAsync(CancellationToken token) => Task.FromResult(
        _reconciler.Stack is { } stack ? _runner with { Directory = stack.Directory, Files = stack.Files } : _runner);

    public Task<IReadOnlyList<ServiceStatus>> GetServicesAsync(CancellationToken token) => Task.FromResult(_reconciler.Snapshot());

    public Task<IReadOnlyList<InstanceStats>> GetStatsAsync(CancellationToken token) => Task.FromResult(_reconciler.Measure());

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
            var result = await _reconciler.ApplyAsync(stack, options, token);
            _wasApplied |= result is ApplyResult.Applied;
            return Replies.Of(result);
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

        return Replies.OfPlan(await _reconciler.PreviewAsync(stack, request.Options, token));
    }

    public async IAsyncEnumerable<OneOffNews> RunAsync(RunRequest request, [EnumeratorCancellation] CancellationToken token)
    {
        await using var session = _oneOffs.Open();
        _firstApply.TrySetResult();
        var (stack, oneOff, complaint) = Read(request);
        if (complaint is not null || request.DryRun)
        {
            var reply = complaint ?? Replies.OfPlan(await _reconciler.PreviewOnceAsync(stack!, oneOff!, token));
            yield return new OneOffNews.Answered(reply, await session.LeaveAsync());
            yield break;
        }

        await using var run = OneOffRun.Begin(_reconciler, stack!, oneOff!, request.Build);

        // It is stopped in good order when nobody listens any more, and has its last words.
        await using var leaving = token.Register(run.Cancel);
        yield return new OneOffNews.Begun(oneOff!.Name);
        await foreach (var piece in run.ReadAsync())
        {
            yield return new OneOffNews.Printed(piece);
        }

        var result = await run.Result;
        var endsRunner = await session.LeaveAsync();
        yield return result switch
        {
            OneOffResult.Refused refused => new OneOffNews.Answered(Replies.Of(refused.Answer), endsRunner),
            OneOffResult.Ended ended => new OneOffNews.Ended(ended.State, ended.ExitCode, ended.Reason, ended.LastLines, ended.EventSequence, endsRunner),
            _ => throw new InvalidOperationException($"no news of {result.GetType()}"),
        };
    }

    public async Task<ApplyReply> RestartAsync(ServicesRequest request, CancellationToken token) =>
        request.DryRun
            ? Replies.OfPlan(await _reconciler.PreviewAsync(request.Services, (wish, names) => WishChanges.Restart(wish, names, request.GracePeriod), OneOffReach.None, token))
            : Replies.Of(await _reconciler.RestartAsync(request.Services, request.GracePeriod, token));

    public async Task<ApplyReply> StopAsync(ServicesRequest request, CancellationToken token) =>
        request.DryRun
            ? Replies.OfPlan(await _reconciler.PreviewAsync(request.Services, (wish, names) => WishChanges.Stop(wish, names, request.GracePeriod), OneOffReach.Named, token))
            : Replies.Of(await _reconciler.StopAsync(request.Services, request.GracePeriod, token));

    public async Task<ApplyReply> StartAsync(ServicesRequest request, CancellationToken token) =>
        request.DryRun
            ? Replies.OfPlan(await _reconciler.PreviewAsync(request.Services, WishChanges.Start, OneOffReach.None, token))
            : Replies.Of(await _reconciler.StartAsync(request.Services, token));

    public async Task<ApplyReply> KillAsync(ServicesRequest request, CancellationToken token) =>
        request.DryRun
            ? Replies.OfPlan(await _reconciler.PreviewAsync(request.Services, (wish, names) => WishChanges.Stop(wish, names, TimeSpan.Zero), OneOffReach.All, token))
            : Replies.Of(await _reconciler.KillAsync(request.Services, token));

    public async Task<ApplyReply> ScaleAsync(ScaleRequest request, CancellationToken token) =>
        request.DryRun
            ? Replies.OfPlan(await _reconciler.PreviewAsync(
                [.. request.Replicas.Keys], (wish, _) => WishChanges.Scale(wish, request.Replicas, !request.NoDependencies), OneOffReach.None, token))
            : Replies.Of(await _reconciler.ScaleAsync(request.Replicas, !request.NoDependencies, token));

    public Task<WaitResult> WaitAsync(WaitRequest request, CancellationToken token) =>
        _reconciler.WaitForAsync(request.Condition, request.Services, request.Timeout, token);

    public async Task WatchAsync(WatchRequest request, CancellationToken token)
    {
        await _watching.WaitAsync(token);
        try
        {
            await new StackWatcher(_reconciler, _files, _time).RunAsync(
                request.Options.Services, request.Source is { } source ? token => ReapplyAsync(source, request.Options, token) : null, token);
        }
        finally
        {
            _watching.Release();
        }
    }

    public async Task<ApplyReply> PreviewDownAsync(DownOptions options, CancellationToken token) => Replies.OfPlan(await _reconciler.PreviewAsync(options, token));

    public async Task<DownReport> DownAsync(DownOptions options, CancellationToken token)
    {
        var report = await _reconciler.DownAsync(options, token);
        await _takenDown.CancelAsync();
        await _oneOffs.FinishAsync();
        return report;
    }

    /// <summary>The runner ends: who follows logs or events reads on to the last one, and is done.</summary>
    public void Finish()
    {
        _reconciler.FinishLogs();
        _takenDown.Cancel();
    }

    public IAsyncEnumerable<LogLine> ReadLogsAsync(LogQuery query, CancellationToken token) => _reconciler.ReadLogsAsync(query, token);

    public Task<IAsyncEnumerable<StackEvent>> SubscribeAsync(EventQuery query, CancellationToken token)
    {
        var subscription = _reconciler.Events.Subscribe(query.Since);
        var down = _takenDown.Token.Register(subscription.Dispose);
        token.Register(() =>
        {
            subscription.Dispose();
            down.Dispose();
        });
        return Task.FromResult(query.Until is { } until ? ReadAsync(subscription, until) : subscription.ReadAllAsync(CancellationToken.None));
    }

    public void Dispose()
    {
        _takenDown.Dispose();
        _watching.Dispose();
    }

    /// <summary>What is to run once, and the stack that it belongs to; or why it cannot be.</summary>
    private static (StackSpec? Stack, ServiceSpec? OneOff, ApplyReply? Complaint) Read(RunRequest request)
    {
        var manifest = ManifestLoader.Load(request.Source.ToRequest());
        if (manifest.Stack is not { } stack)
        {
            return (null, null, Invalid(manifest));
        }

        if (stack.Services.FirstOrDefault(service => string.Equals(service.Name, request.Flags.Service, StringComparison.Ordinal)) is not { } service)
        {
            return (null, null, new ApplyReply.UnknownServices([request.Flags.Service], [.. stack.Services.Select(known => known.Name)]));
        }

        var (oneOff, diagnostics) = OneOffReader.Read(service, request.Flags, request.Source.WorkingDirectory, request.Source.Environment);
        return (stack, oneOff, oneOff is null ? Invalid(diagnostics) : null);
    }

    private async IAsyncEnumerable<StackEvent> ReadAsync(EventSubscription subscription, DateTimeOffset until)
    {
        var rest = until - _time.GetUtcNow();
        using var end = new CancellationTokenSource(rest < s_longestWait ? TimeSpan.FromTicks(Math.Max(0, rest.Ticks)) : Timeout.InfiniteTimeSpan, _time);
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

    private static ApplyReply.ManifestInvalid Invalid(ManifestResult manifest) => Invalid(manifest.Diagnostics);

    private static ApplyReply.ManifestInvalid Invalid(IReadOnlyList<Diagnostic> diagnostics) =>
        new([.. diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)]);
}
