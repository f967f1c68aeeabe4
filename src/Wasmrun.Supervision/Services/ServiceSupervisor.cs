using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Dependencies;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Swapping;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// The life of one service: its forwards, its runs, its state. It does what it is told to, in the order it is told, and
/// decides only what the service's own restart policy and dependencies decide.
/// </summary>
public sealed class ServiceSupervisor : IAsyncDisposable
{
    private const int LastLines = 10;

    private readonly string _project;
    private readonly ServiceRegistry _services;
    private readonly ServiceForwards _forwards;
    private readonly ServiceLog _log;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _commands = new(1);
    private readonly FormerRuns _former = new();
    private volatile ServiceRun? _run;

    /// <summary>Makes a service known; nothing runs yet.</summary>
    public ServiceSupervisor(ServiceSpec spec, IStackHost stack, LogStore logs, EventStream events, ServiceRegistry services, TimeProvider time)
    {
        Spec = spec;
        _project = events.Project;
        _services = services;
        _time = time;
        _log = logs.Open(spec.Name, InstanceName);
        _log.Use(spec.Logging);
        Board = new(spec.Name, InstanceName, events);
        _forwards = new(spec.Name, stack, Board);
    }

    public string Name => Spec.Name;

    /// <summary>As compose names it: the service and the number of its instance.</summary>
    public string InstanceName => $"{Name}-1";

    /// <summary>The specification it was given last.</summary>
    public ServiceSpec Spec { get; private set; }

    /// <summary>What the instance was started from; null before the first start.</summary>
    public ServiceOrder? Order { get; private set; }

    /// <summary>What a swap was last tried to and did not come up; null when the last one did, or none was tried.</summary>
    public ServiceOrder? Refused { get; private set; }

    public ServiceState State => Board.Current;

    /// <summary>The host ports it holds.</summary>
    public IReadOnlyList<HeldForward> Forwards => _forwards.Held;

    /// <summary>What others see of it.</summary>
    public ServiceStatus Status => ServiceStatus.Of(_project, this, _forwards.WaitingClients);

    internal ServiceBoard Board { get; }

    /// <summary>Whether there is anything to judge its health by.</summary>
    internal bool IsProbed => Spec.Healthcheck is { } healthcheck ? healthcheck.Probe is not ProbeSpec.Disabled : Spec.Forwards.Count > 0;

    /// <summary>Waits for a state of the service.</summary>
    public Task<ServiceState> WaitAsync(Func<ServiceState, bool> condition, CancellationToken token) => Board.WaitAsync(condition, token);

    /// <summary>Takes over forwards that were bound for it; it already may run, or may be started later.</summary>
    /// <param name="network">The fingerprint of the service's place on the networks.</param>
    /// <exception cref="IOException">The system does not let it; the forwards are closed.</exception>
    public void Adopt(ServiceSpec spec, string network, IReadOnlyList<HeldForward> added)
    {
        _forwards.Add(spec, network, added);
        _run?.Look();
    }

    /// <summary>Closes the forwards that the specification does not name.</summary>
    public void Rebind(ServiceSpec spec)
    {
        Spec = Spec with { Forwards = spec.Forwards };
        _forwards.Trim(spec);
        _run?.Look();
    }

    /// <summary>Gives a forward to another service without closing it.</summary>
    public HeldForward? HandOver(int hostPort, TransportProtocol protocol) => _forwards.HandOver(hostPort, protocol);

    /// <summary>Closes all forwards.</summary>
    public void ReleaseForwards() => _forwards.Close();

    /// <summary>Takes over settings that an instance need not notice.</summary>
    public void Update(ServiceSpec spec)
    {
        Spec = spec;
        _log.Use(spec.Logging);
        _run?.Use(spec.Restart);
        Board.Note(StackEventKind.Updated, "new settings are in force");
    }

    /// <summary>Waits for what it depends on, starts it, and returns as soon as an instance runs or the service has failed.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while it waited; the service is where it was.</exception>
    public async Task<StartOutcome> StartAsync(ServiceOrder order, CancellationToken token)
    {
        await _commands.WaitAsync(token);
        try
        {
            while (_run is { IsActive: true } former)
            {
                if (!State.IsOver)
                {
                    return StartOutcome.Started;
                }

                if (former.IsStuck)
                {
                    return new("its former instance was told to stop and has not ended yet");
                }

                // Its instance has ended; what is left of the run is over in an instant, or begins another instance after all.
                using var decided = CancellationTokenSource.CreateLinkedTokenSource(token);
                await Task.WhenAny(former.Ended, Board.WaitAsync(state => !state.IsOver, decided.Token));
                await decided.CancelAsync();
                token.ThrowIfCancellationRequested();
            }

            if (order.Spec.DependsOn.Count > 0 && await WaitInStateAsync(order.Spec, token) is { } unmet)
            {
                Spec = order.Spec;
                return Fail(Describe(unmet), unmet.LastLines);
            }

            return await BeginAsync(order, token);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>
    /// Replaces the instance; forwards stay open, and clients wait meanwhile. When what it depends on fails, or the old
    /// instance does not end, the service goes on as it was, or has failed.
    /// </summary>
    public async Task<StartOutcome> RestartAsync(ServiceOrder order, CancellationToken token)
    {
        await _commands.WaitAsync(token);
        try
        {
            return await WaitForDependenciesAsync(order.Spec, token) is { } unmet
                ? KeepRunning(Describe(unmet))
                : await ReplaceAsync(order, token);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>
    /// Replaces the instance without a gap: the new one warms up beside the old one, takes over when it is ready, and the old
    /// one finishes what it has begun. When the new one does not come up, the old one serves on. A service that does not serve
    /// at the moment is restarted instead.
    /// </summary>
    public async Task<StartOutcome> SwapAsync(ServiceOrder order, CancellationToken token)
    {
        await _commands.WaitAsync(token);
        try
        {
            if (await WaitForDependenciesAsync(order.Spec, token) is { } unmet)
            {
                return KeepRunning(Describe(unmet));
            }

            return State.Phase == ServicePhase.Running && _run is { IsActive: true } serving
                ? await SwapAsync(order, serving, token)
                : await ReplaceAsync(order, token);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Stops it for good. Once the instance was told, only its end or the grace period ends the wait.</summary>
    /// <param name="gracePeriod">Instead of the service's own.</param>
    /// <returns>False when the instance did not end in time.</returns>
    public async Task<bool> StopAsync(TimeSpan? gracePeriod, CancellationToken token)
    {
        await _commands.WaitAsync(token);
        try
        {
            var former = _former.EndAsync(gracePeriod ?? Spec.StopGracePeriod, _time);
            var hasEnded = await EndRunAsync("it is to be stopped", gracePeriod, isReplaced: false);
            if (await former && hasEnded)
            {
                return true;
            }

            Fail("its instance did not end in time", []);
            return false;
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Tells the instance to stop, and whoever waits for its end to wait no longer than he must. Returns at once.</summary>
    public void Kill()
    {
        if (_run is { IsActive: true } run)
        {
            MoveToStopping("it is to be killed");
            run.Force();
        }

        _former.Force();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero, CancellationToken.None);
        _forwards.Close();
        _run?.Dispose();
        _commands.Dispose();
    }

    internal IReadOnlyList<string> RecentLines() => _log.RecentLines(LastLines);

    private async Task<StartOutcome> BeginAsync(ServiceOrder order, CancellationToken token)
    {
        Take(order);
        try
        {
            _forwards.Prepare(order.Spec, order.Fingerprint.Network);
        }
        catch (IOException refused)
        {
            return Fail($"its network could not be made: {refused.Message}", []);
        }

        var before = State.Generation;
        _run?.Dispose();
        _run = new(order, _forwards.Host, _log, Board, _time);
        _run.Begin();
        var state = await Board.WaitAsync(
            state => state.Generation > before && (state.HasStarted || state.IsOver || state.Phase == ServicePhase.Restarting), token);
        return state.HasStarted ? StartOutcome.Started : new(state.Reason ?? "it did not start");
    }

    private async Task<StartOutcome> ReplaceAsync(ServiceOrder order, CancellationToken token) =>
        await EndRunAsync("it is to be restarted", gracePeriod: null, isReplaced: true)
            ? await BeginAsync(order, token)
            : Fail("the old instance did not end", []);

    private async Task<StartOutcome> SwapAsync(ServiceOrder order, ServiceRun serving, CancellationToken token)
    {
        await _former.MakeRoomAsync(token);
        Board.Note(StackEventKind.Swapping, "a new instance warms up beside the one that serves");
        try
        {
            await using var candidate = new Candidate(order, _forwards.Host, _log, Board, _time);
            if (await candidate.WarmUpAsync(token) is { } problem)
            {
                return KeepServing(order, candidate.Generation, problem);
            }

            candidate.Instance.TakeClients();
            candidate.Take();
            _former.Add(serving, serving.RetireAsync(Spec.StopGracePeriod));
            Take(order);
            _run = new(order, _forwards.Host, _log, Board, _time, candidate);
            _run.Begin();
            _forwards.Trim(order.Spec);
            return StartOutcome.Started;
        }
        catch (IOException refused)
        {
            return KeepServing(order, Board.Current.Generation, $"no new instance can be made: {refused.Message}");
        }
    }

    private void Take(ServiceOrder order)
    {
        Order = order;
        Spec = order.Spec;
        _log.Use(Spec.Logging);
        Refused = null;
    }

    private StartOutcome KeepServing(ServiceOrder order, int generation, string problem)
    {
        Refused = order;
        var reason = $"serves on as it was: {problem}";
        Board.NoteOf(generation, StackEventKind.SwapFailed, reason);
        Board.MoveIf(
            state => state.Phase == ServicePhase.Running, StackEventKind.Updated, reason, state => state with { Reason = reason });
        return new(reason);
    }

    private async Task<bool> EndRunAsync(string cause, TimeSpan? gracePeriod, bool isReplaced)
    {
        if (_run is not { IsActive: true } run)
        {
            return true;
        }

        MoveToStopping(cause);
        return await run.StopAsync(gracePeriod ?? Spec.StopGracePeriod, isReplaced);
    }

    private void MoveToStopping(string cause) => Board.MoveIf(
        state => !state.IsOver && state.Phase != ServicePhase.Stopping,
        StackEventKind.Stopping,
        cause,
        state => state with { Phase = ServicePhase.Stopping, Health = HealthState.None, Reason = null });

    private async Task<UnmetDependency?> WaitInStateAsync(ServiceSpec spec, CancellationToken token)
    {
        var before = State;
        var reason = $"waits for {string.Join(", ", spec.DependsOn.Select(Describe))}";
        Board.Move(
            StackEventKind.Waiting,
            reason,
            state => state with { Phase = ServicePhase.Waiting, HasStarted = false, Reason = reason, LastLines = [] });
        try
        {
            return await WaitForDependenciesAsync(spec, token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            Board.Move(StackEventKind.Updated, "it no longer waits, because the wish changed", _ => before);
            throw;
        }
    }

    private Task<UnmetDependency?> WaitForDependenciesAsync(ServiceSpec spec, CancellationToken token) => DependencyWait.WaitAsync(
        spec.DependsOn,
        _services,
        unmet => Board.Note(StackEventKind.DependencyFailed, $"goes on without '{unmet.Dependency.Service}', which is not required and {unmet.Problem}"),
        token);

    private StartOutcome Fail(string reason, IReadOnlyList<string> lastLines)
    {
        Board.Move(
            StackEventKind.Failed,
            reason,
            state => state with { Phase = ServicePhase.Failed, Health = HealthState.None, Reason = reason, LastLines = lastLines });
        return new(reason);
    }

    /// <summary>Says once that a change cannot be made yet; asked again and again, it does not repeat itself.</summary>
    private StartOutcome KeepRunning(string problem)
    {
        var reason = $"runs on as it was: {problem}";
        Board.MoveIf(
            state => !string.Equals(state.Reason, reason, StringComparison.Ordinal),
            StackEventKind.DependencyFailed,
            reason,
            state => state with { Reason = reason });
        return new(reason);
    }

    private static string Describe(UnmetDependency unmet) => $"'{unmet.Dependency.Service}', which it depends on, {unmet.Problem}";

    private static string Describe(DependencySpec dependency) => dependency.Condition switch
    {
        DependencyCondition.Started => $"{dependency.Service} to be started",
        DependencyCondition.Healthy => $"{dependency.Service} to be healthy",
        DependencyCondition.CompletedSuccessfully => $"{dependency.Service} to complete",
        _ => throw new NotSupportedException($"no words for {dependency.Condition}"),
    };
}
