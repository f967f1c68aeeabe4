using System.Globalization;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Restarting;
using Wasmrun.Supervision.Swapping;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// What follows one request to start a service: its instances one after the other, until the restart policy or a request
/// to stop ends it. It runs once.
/// </summary>
/// <param name="first">The first instance, when it has warmed up already; it is the run's from here on.</param>
internal sealed class ServiceRun(
    ServiceOrder order, IServiceHost host, ServiceLog log, ServiceBoard board, TimeProvider time, Candidate? first = null) : IDisposable
{
    private const int LastLines = 10;

    private readonly RunEnding _ending = new(time);
    private readonly TaskCompletionSource<string?> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile InstanceWatcher? _watcher;
    private volatile RestartSpec _policy = order.Spec.Restart;
    private volatile LimitsSpec _limits = order.Spec.Limits;
    private volatile IInstance? _instance;
    private volatile Candidate? _first = first;
    private volatile Task? _running;
    private volatile bool _isEnding;
    private volatile bool _isRetired;
    private volatile bool _isReplaced;
    private volatile bool _isStuck;
    private int _attempt;
    private bool _hasBegun;

    /// <summary>Whether an instance runs or will run.</summary>
    public bool IsActive => _running is { IsCompleted: false };

    /// <summary>It was told to stop and did not end in time.</summary>
    public bool IsStuck => _isStuck;

    /// <summary>How long its instance may take to end, unless something else is said.</summary>
    public TimeSpan GracePeriod => order.Spec.StopGracePeriod;

    /// <summary>Done when the first instance's guest runs, or has ended, with why it could not be run; never fails.</summary>
    public Task<string?> Begun => _begun.Task;

    /// <summary>Done when nothing of the run is left; never fails.</summary>
    public Task Ended => _running ?? Task.CompletedTask;

    /// <summary>Whether it listens on anything now.</summary>
    public bool IsListening => _instance?.Listening.Count > 0;

    private bool IsJudged => order.Spec.Healthcheck is { } healthcheck ? healthcheck.Probe is not ProbeSpec.Disabled : host.Forwards.Count > 0;

    /// <summary>Whoever was told to end is not restarted, however it ends.</summary>
    private RestartSpec Policy => _isEnding ? RestartSpec.Never : _policy;

    public void Begin() => _running = RunAsync();

    /// <summary>
    /// Ends the run, as <see cref="RunEnding"/> does: no other instance follows. Any number of times; the least time that was given
    /// for it counts.
    /// </summary>
    /// <param name="isReplaced">Another run follows at once, so the service does not count as stopped in between.</param>
    /// <param name="mayShorten">Whether it is to have no more than this time if it was told before.</param>
    /// <returns>False when the instance has not ended by the end of the grace period.</returns>
    public async Task<bool> StopAsync(TimeSpan gracePeriod, bool isReplaced, bool mayShorten = true)
    {
        _isReplaced = isReplaced;
        _isEnding = true;
        var hasEnded = await _ending.BeginAsync(_instance, _running!, gracePeriod, mayShorten);
        _isStuck = !hasEnded;
        return hasEnded;
    }

    /// <summary>Leaves the service to another run. From the call on, whatever this one does is no state of the service any more.</summary>
    public void Leave()
    {
        _isRetired = true;
        _isReplaced = true;
        _isEnding = true;
        _watcher?.Leave();
    }

    /// <summary>Ends the run, which has left the service.</summary>
    public async Task RetireAsync(TimeSpan gracePeriod)
    {
        if (!await StopAsync(gracePeriod, isReplaced: true))
        {
            board.Note(StackEventKind.RunnerFailed, "a former instance was told to stop and did not end in time");
        }
    }

    /// <summary>Ends the run, and the grace period of whoever waits for its end.</summary>
    public void Force() => _ending.Force();

    /// <summary>Lets a changed policy decide about the next end.</summary>
    public void Use(RestartSpec policy) => _policy = policy;

    /// <summary>What the instance uses now; null when there is none.</summary>
    public InstanceUsage? Usage => _instance?.Usage;

    /// <summary>Clients of the instance.</summary>
    public int Clients => _instance?.Clients ?? 0;

    /// <summary>Holds this instance and those that follow to other bounds.</summary>
    public void Use(LimitsSpec limits)
    {
        _limits = limits;
        _instance?.Adjust(limits);
    }

    /// <summary>Judges the health anew, because forwards changed.</summary>
    public void Look() => _watcher?.Look();

    /// <summary>Only after it has ended.</summary>
    public void Dispose() => _ending.Dispose();

    private async Task RunAsync()
    {
        var loop = new RestartLoop(() => Policy, time, Restarting);
        try
        {
            var (end, gaveUp) = await loop.RunAsync(RunOnceAsync, _ending.Stopping);
            Finish(end, gaveUp);
        }
        catch (OperationCanceledException) when (_ending.Stopping.IsCancellationRequested)
        {
            MoveToStopped(exitCode: null);
        }
        catch (Exception bug)
        {
            // A mistake of the runner in one service must neither pass for a state of it nor end the others.
            MoveToFailed($"the runner failed: {bug.Message}", ("detail", bug.ToString()));
        }
        finally
        {
            _begun.TrySetResult(null);
        }
    }

    private async Task<RunEnd> RunOnceAsync(CancellationToken token)
    {
        if (_first is { } warm)
        {
            _first = null;
            _hasBegun = true;
            return await FollowAsync(warm.Generation, () => RunWarmAsync(warm, token), warm.Begun);
        }

        token.ThrowIfCancellationRequested();
        var isFirst = !_hasBegun;
        _hasBegun = true;
        var generation = board.NextGeneration();
        if (!Move(
            StackEventKind.Starting,
            "an instance is being made",
            state => state with
            {
                Phase = ServicePhase.Starting,
                Generation = generation,
                Health = HealthState.None,
                NeverBecameHealthy = false,
                HasStarted = !isFirst && state.HasStarted,
                Restarts = isFirst ? 0 : state.Restarts,
                RestartsInARow = isFirst ? 0 : state.RestartsInARow,
            }))
        {
            // Another run has taken over during the delay, and this one is told to end in an instant.
            await Task.Delay(Timeout.InfiniteTimeSpan, time, token);
        }

        var begun = time.GetTimestamp();
        return await FollowAsync(generation, () => RunInstanceAsync(generation, begun, token), begun);
    }

    private async Task<RunEnd> FollowAsync(int generation, Func<Task<RunEnd>> run, long begun)
    {
        RunEnd end;
        try
        {
            end = await run();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            end = RunEnd.Unusable(refused.Message, time.GetElapsedTime(begun));
        }

        log.End(generation);
        MoveToEnd(end, generation);
        _begun.TrySetResult(end.IsUnusable ? end.Description : null);
        return end;
    }

    private async Task<RunEnd> RunInstanceAsync(int generation, long begun, CancellationToken token)
    {
        using var watcher = new InstanceWatcher(order, board, generation, time);
        await using var instance = host.Create(order.Module, new(log.Name.Instance, order.Spec with { Limits = _limits }, watcher.Watch(log.OutputOf(generation)), watcher));
        MoveToServing(StackEventKind.Started, "an instance runs", generation, IsJudged ? HealthState.Starting : HealthState.None, begun: null);
        return await ServeAsync(instance, watcher, begun, instance.Start, token);
    }

    private async Task<RunEnd> RunWarmAsync(Candidate warm, CancellationToken token)
    {
        await using var instance = warm.Instance;
        using var watcher = warm.Watcher;
        MoveToServing(
            StackEventKind.Swapped,
            "the new instance is ready and serves from now on",
            warm.Generation,
            IsJudged || IsHealthyByListening(instance) ? HealthState.Healthy : HealthState.None,
            warm.Begun);
        return await ServeAsync(instance, warm.Watcher, warm.Begun, static () => { }, token);
    }

    private async Task<RunEnd> ServeAsync(IInstance instance, InstanceWatcher watcher, long begun, Action start, CancellationToken token)
    {
        await using var stopping = token.Register(instance.Stop);
        _watcher = watcher;
        _instance = instance;
        try
        {
            await using var health = watcher.Begin(instance, host);
            start();
            await Task.WhenAny(instance.Begun, instance.Completion);
            if (instance.Begun.IsCompleted)
            {
                _begun.TrySetResult(null);
            }

            await Task.WhenAny(instance.Completion, health.Unhealthy);
            if (!instance.Completion.IsCompleted)
            {
                var unhealthy = RunEnd.Unhealthy(await health.Unhealthy, time.GetElapsedTime(begun));
                if (MayRestart(unhealthy))
                {
                    instance.LeaveClients();
                    instance.Stop();
                    await instance.Completion;
                    return unhealthy;
                }

                if (!health.WasHealthy)
                {
                    watcher.LeaveUnhealthy();
                }
            }

            return RunEnd.Of(await instance.Completion, time.GetElapsedTime(begun));
        }
        finally
        {
            _instance = null;
            _watcher = null;
        }
    }

    private bool IsHealthyByListening(IInstance instance) => order.Spec.Healthcheck is null && instance.Listening.Count > 0;

    /// <summary>A probe may cost a service its instance, but not the service its last one.</summary>
    private bool MayRestart(RunEnd end)
    {
        var policy = Policy;
        return RestartLoop.Wants(policy, end) && (policy.MaxAttempts is not { } most || _attempt < most || (most > 0 && end.Ran >= policy.Window));
    }

    /// <summary>Unless it was told to stop while the instance was made.</summary>
    private void MoveToServing(StackEventKind kind, string cause, int generation, HealthState health, long? begun) => board.MoveIf(
        state => !_isRetired && state.Phase != ServicePhase.Stopping,
        kind,
        cause,
        state => state with
        {
            Phase = ServicePhase.Running,
            Generation = generation,
            Health = health,
            NeverBecameHealthy = false,
            HasStarted = true,
            Restarts = begun is null ? state.Restarts : 0,
            RestartsInARow = begun is null ? state.RestartsInARow : 0,
            StartedAt = time.GetUtcNow() - (begun is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero),
            Reason = null,
            LastLines = [],
        });

    private void MoveToEnd(RunEnd end, int generation)
    {
        (string, string)[] attributes =
        [
            ("exitCode", end.ExitCode.ToString(CultureInfo.InvariantCulture)),
            .. end.Detail.Length > 0 ? [("detail", end.Detail)] : Array.Empty<(string, string)>(),
        ];
        if (!Move(
            StackEventKind.Exited,
            end.Description,
            state => state with
            {
                Phase = PhaseAfter(end, state.Phase),
                Health = HealthState.None,
                ExitCode = end.ExitCode,
                RestartsInARow = end.Ran < Policy.Window ? state.RestartsInARow : 0,
                EndedAt = time.GetUtcNow(),
                Reason = end.IsFailure ? end.Description : null,
                LastLines = end.IsFailure ? log.RecentLines(LastLines) : [],
            },
            attributes))
        {
            board.NoteOf(generation, StackEventKind.Drained, $"the former instance {end.Description}", attributes);
        }
    }

    /// <summary>Final where this end is; on the way to the next instance, or to being stopped, where it is not.</summary>
    private ServicePhase PhaseAfter(RunEnd end, ServicePhase present)
    {
        if (_isEnding || _ending.Stopping.IsCancellationRequested || end.WasStopped)
        {
            return present == ServicePhase.Stopping ? ServicePhase.Stopping : ServicePhase.Running;
        }

        if (RestartLoop.Wants(Policy, end))
        {
            return ServicePhase.Restarting;
        }

        return end.IsUnusable ? present : ServicePhase.Exited;
    }

    private void Restarting(RunEnd end, int attempt, TimeSpan delay)
    {
        _attempt = attempt;
        Move(
            StackEventKind.Restarting,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{end.Description}; restart {attempt}{Bound()} follows in {delay.TotalSeconds:0.###} s"),
            state => state with { Phase = ServicePhase.Restarting, Restarts = state.Restarts + 1, RestartsInARow = attempt },
            ("attempt", attempt.ToString(CultureInfo.InvariantCulture)),
            ("delay", ((long)delay.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)));
    }

    private string Bound() => _policy.MaxAttempts is { } bound ? string.Create(CultureInfo.InvariantCulture, $" of {bound}") : "";

    private void Finish(RunEnd end, bool gaveUp)
    {
        if (end.WasStopped || _isEnding || _ending.Stopping.IsCancellationRequested)
        {
            MoveToStopped(end.ExitCode);
        }
        else if (gaveUp)
        {
            var restarts = board.Current.Restarts;
            MoveToFailed(string.Create(
                CultureInfo.InvariantCulture, $"given up after {restarts} restart{(restarts == 1 ? "" : "s")}: {end.Description}"));
        }
        else if (end.IsUnusable)
        {
            MoveToFailed(end.Description);
        }
    }

    private void MoveToFailed(string reason, params ReadOnlySpan<(string Name, string Value)> attributes) => Move(
        StackEventKind.Failed,
        reason,
        state => state with { Phase = ServicePhase.Failed, Health = HealthState.None, Reason = reason, LastLines = log.RecentLines(LastLines) },
        attributes);

    /// <summary>Changes the state of the service, unless another run has it.</summary>
    /// <returns>Whether it did.</returns>
    private bool Move(
        StackEventKind kind, string cause, Func<ServiceState, ServiceState> change, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        board.MoveIf(_ => !_isRetired, kind, cause, change, attributes);

    private void MoveToStopped(int? exitCode) => board.MoveIf(
        _ => !_isReplaced,
        StackEventKind.Stopped,
        "it was asked to stop",
        state => state with
        {
            Phase = ServicePhase.Stopped,
            Health = HealthState.None,
            ExitCode = exitCode ?? state.ExitCode,
            Reason = null,
            LastLines = [],
        });
}
