using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Dependencies;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// The life of one service: its forwards, its replicas, its state. It does what it is told to, in the order it is told, and
/// decides only what the service's own restart policy and dependencies decide.
/// </summary>
public sealed class ServiceSupervisor : IAsyncDisposable
{
    private readonly string _project;
    private readonly ServiceRegistry _services;
    private readonly ServiceForwards _forwards;
    private readonly ReplicaSet _replicas;
    private readonly Rollout _rollout;
    private readonly SemaphoreSlim _commands = new(1);

    /// <summary>Makes a service known; nothing runs yet.</summary>
    public ServiceSupervisor(ServiceSpec spec, IStackHost stack, LogStore logs, EventStream events, ServiceRegistry services, TimeProvider time)
    {
        Spec = spec;
        _project = events.Project;
        _services = services;
        _replicas = new(spec, logs, events, () => _forwards!.RefusePeers(), time);
        _replicas.First.Use(spec);
        _forwards = new(spec.Name, stack, _replicas.First.Board, time);
        _rollout = new(_replicas, _forwards, time);
    }

    public string Name => Spec.Name;

    /// <summary>The specification it was given last.</summary>
    public ServiceSpec Spec { get; private set; }

    /// <summary>What its instances were started from, the most outdated of them if they differ; null before the first start.</summary>
    public ServiceOrder? Order => _replicas.All.Where(replica => replica.IsActive).LastOrDefault(replica => replica.Order is not null)?.Order
        ?? _replicas.First.Order;

    /// <summary>What was last tried and did not come up; null when the last one did, or none was tried.</summary>
    public ServiceOrder? Refused { get; private set; }

    /// <summary>The state of the service, which is that of its replicas taken together.</summary>
    public ServiceState State => JointState.Of(_replicas.States);

    /// <summary>The states of its replicas, by number.</summary>
    public IReadOnlyList<ServiceState> ReplicaStates => _replicas.States;

    /// <summary>The names of its instances: <c>web-1</c>.</summary>
    public IReadOnlyList<string> InstanceNames => [.. _replicas.All.Select(replica => replica.Name)];

    /// <summary>The host ports it holds.</summary>
    public IReadOnlyList<HeldForward> Forwards => _forwards.Held;

    /// <summary>What others see of it, one for each replica.</summary>
    public IReadOnlyList<ServiceStatus> Statuses =>
        [.. _replicas.All.Select(replica => ServiceStatus.Of(_project, this, replica, _forwards.WaitingClients))];

    /// <summary>What its instances use, those that run.</summary>
    public IReadOnlyList<InstanceStats> Measure(DateTimeOffset now) =>
        [.. _replicas.All.Where(replica => replica.Usage is not null).Select(replica => InstanceStats.Of(this, replica, replica.Usage ?? default, now))];

    private bool HasHealth => Spec.Healthcheck?.Probe is not ProbeSpec.Disabled;

    /// <summary>Waits for a state of the service.</summary>
    public async Task<ServiceState> WaitAsync(Func<ServiceState, bool> condition, CancellationToken token) =>
        JointState.Of(await _replicas.WaitAsync(states => condition(JointState.Of(states)), token));

    /// <summary>Takes over forwards that were bound for it; it already may run, or may be started later.</summary>
    /// <param name="network">The fingerprint of the service's place on the networks.</param>
    /// <exception cref="IOException">The system does not let it; the forwards are closed.</exception>
    public void Adopt(ServiceSpec spec, string network, IReadOnlyList<HeldForward> added)
    {
        _forwards.Add(spec, network, added);
        Look();
    }

    /// <summary>Closes the forwards that the specification does not name.</summary>
    public void Rebind(ServiceSpec spec)
    {
        Spec = Spec with { Forwards = spec.Forwards };
        _forwards.Trim(spec);
        Look();
    }

    /// <summary>Gives a forward to another service without closing it.</summary>
    public HeldForward? HandOver(int hostPort, TransportProtocol protocol) => _forwards.HandOver(hostPort, protocol);

    /// <summary>Closes all forwards.</summary>
    public void ReleaseForwards() => _forwards.Release();

    /// <summary>Takes over settings that an instance need not notice.</summary>
    public void Update(ServiceSpec spec)
    {
        Use(spec);
        foreach (var replica in _replicas.All)
        {
            replica.Board.Note(StackEventKind.Updated, "new settings are in force");
        }
    }

    /// <summary>Bounds the instances anew while they run.</summary>
    public void AdjustLimits(ServiceSpec spec)
    {
        Spec = Spec with { Limits = spec.Limits };
        foreach (var replica in _replicas.All)
        {
            replica.Adjust(Spec);
        }
    }

    /// <summary>
    /// Waits for what it depends on, starts every replica that does not run, and returns as soon as their instances run or one
    /// has failed.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled while it waited; the service is where it was.</exception>
    public Task<StartOutcome> StartAsync(ServiceOrder order, CancellationToken token) => CommandAsync(
        async () =>
        {
            _replicas.Grow(order.Spec.Replicas);
            var outcome = await StartIdleAsync(order, token);
            await ShrinkAsync(order.Spec.Replicas, token);
            return outcome;
        },
        token);

    /// <summary>
    /// Replaces the instances, one replica after the other; forwards stay open, and clients wait meanwhile. When what it depends on
    /// fails, or an old instance does not end, the service goes on as it was, or has failed.
    /// </summary>
    public Task<StartOutcome> RestartAsync(ServiceOrder order, CancellationToken token) =>
        RenewAsync(order, () => _rollout.ReplaceAsync(order, Spec.StopGracePeriod, token), token);

    /// <summary>
    /// Replaces the instances without a gap, one replica after the other: the new one warms up beside the old one, takes over when
    /// it is ready, and the old one finishes what it has begun. When a new one does not come up, the old one serves on, and so do
    /// those whose turn has not come. A replica that does not serve at the moment is restarted instead.
    /// </summary>
    public Task<StartOutcome> SwapAsync(ServiceOrder order, CancellationToken token) =>
        RenewAsync(order, () => _rollout.SwapAsync(order, Spec.StopGracePeriod, token), token);

    /// <summary>Starts or stops replicas until there are as many as the specification says; the others notice nothing.</summary>
    public Task<StartOutcome> ScaleAsync(ServiceOrder order, CancellationToken token) => CommandAsync(
        async () =>
        {
            _replicas.Grow(order.Spec.Replicas);
            Use(order.Spec);
            var outcome = await StartIdleAsync(order, token, except: replica => replica is { Order: not null, State.Phase: not ServicePhase.Stopping });
            await ShrinkAsync(order.Spec.Replicas, token);
            return outcome;
        },
        token);

    /// <summary>Stops it for good. Told again, the instances have the least of the times that they were given.</summary>
    /// <param name="gracePeriod">Instead of the service's own.</param>
    /// <param name="token">Ends the wait; instances that were told end all the same.</param>
    /// <returns>False when an instance did not end in time.</returns>
    public async Task<bool> StopAsync(TimeSpan? gracePeriod, CancellationToken token)
    {
        await _commands.WaitAsync(token);
        try
        {
            var ends = await Task.WhenAll(_replicas.All.Select(replica => replica.StopAsync(gracePeriod ?? Spec.StopGracePeriod, token)));
            return Array.TrueForAll(ends, hasEnded => hasEnded);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Tells the instances to stop, and whoever waits for their end to wait no longer than he must. Returns at once.</summary>
    public void Kill()
    {
        foreach (var replica in _replicas.All)
        {
            replica.Kill();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero, CancellationToken.None);
        _forwards.Close();
        foreach (var replica in _replicas.All)
        {
            await replica.DisposeAsync();
        }

        _commands.Dispose();
    }

    /// <summary>Waits until the dependency is as far as the condition says, or never will be.</summary>
    internal async Task<(DependencyVerdict Verdict, IReadOnlyList<string> LastLines)> WaitAsync(DependencyCondition condition, CancellationToken token)
    {
        var states = await _replicas.WaitAsync(states => Judge(states).IsFinal, token);
        return (Judge(states), (_replicas.All.FirstOrDefault(replica => replica.State.Reason is not null) ?? _replicas.First).RecentLines());

        DependencyVerdict Judge(IReadOnlyList<ServiceState> states) => DependencyVerdict.Of(condition, states, HasHealth);
    }

    private async Task<StartOutcome> CommandAsync(Func<Task<StartOutcome>> command, CancellationToken token)
    {
        await _commands.WaitAsync(token);
        try
        {
            return await command();
        }
        finally
        {
            _commands.Release();
        }
    }

    private Task<StartOutcome> RenewAsync(ServiceOrder order, Func<Task<StartOutcome>> renew, CancellationToken token) => CommandAsync(
        async () =>
        {
            if (await WaitForDependenciesAsync(order.Spec, token) is { } unmet)
            {
                return await KeepRunningAsync(unmet, token);
            }

            _replicas.Grow(order.Spec.Replicas);
            var outcome = await renew();
            if (_replicas.All.Take(order.Spec.Replicas).All(replica => replica.Order == order))
            {
                Take(order);
                _forwards.Trim(order.Spec);
            }

            if (outcome.Succeeded)
            {
                await ShrinkAsync(order.Spec.Replicas, token);
            }
            else
            {
                Refused = order;
            }

            return outcome;
        },
        token);

    private async Task<StartOutcome> StartIdleAsync(ServiceOrder order, CancellationToken token, Func<Replica, bool>? except = null)
    {
        var idle = new List<Replica>();
        var others = StartOutcome.Started;
        foreach (var replica in _replicas.All.Take(order.Spec.Replicas).Where(replica => except?.Invoke(replica) != true))
        {
            switch (await replica.MakeReadyAsync(token))
            {
                case null:
                    idle.Add(replica);
                    break;
                case { Succeeded: false } stuck:
                    others = stuck;
                    break;
            }
        }

        if (idle.Count > 0 && order.Spec.DependsOn.Count > 0 && await WaitInStateAsync(order.Spec, idle, token) is { } unmet)
        {
            Spec = order.Spec;
            return idle.Select(replica => replica.Fail(Describe(unmet), unmet.LastLines)).ToList()[0];
        }

        if (idle.Count == 0)
        {
            return others;
        }

        Take(order);
        var outcome = await _rollout.BeginAsync(order, idle, token);
        return outcome.Succeeded ? others : outcome;
    }

    private async Task ShrinkAsync(int count, CancellationToken token)
    {
        var surplus = _replicas.All.Skip(Math.Max(count, 1)).ToList();
        if (surplus.Count > 0)
        {
            await Task.WhenAll(surplus.Select(replica => replica.StopAsync(Spec.StopGracePeriod, token)));
            await _replicas.ShrinkAsync(Math.Max(count, 1));
            _replicas.First.Board.Note(
                StackEventKind.Updated, _replicas.All.Count == 1 ? "1 replica is left" : $"{_replicas.All.Count} replicas are left");
        }
    }

    private void Take(ServiceOrder order)
    {
        Spec = order.Spec;
        Refused = null;
    }

    private void Use(ServiceSpec spec)
    {
        Spec = spec;
        foreach (var replica in _replicas.All)
        {
            replica.Use(spec);
        }
    }

    private void Look()
    {
        foreach (var replica in _replicas.All)
        {
            replica.Look();
        }
    }

    private async Task<UnmetDependency?> WaitInStateAsync(ServiceSpec spec, List<Replica> replicas, CancellationToken token)
    {
        var before = replicas.ConvertAll(replica => replica.State);
        var reason = $"waits for {string.Join(", ", spec.DependsOn.Select(DescribeWait))}";
        foreach (var replica in replicas)
        {
            replica.Board.Move(
                StackEventKind.Waiting,
                reason,
                state => state with { Phase = ServicePhase.Waiting, HasStarted = false, Reason = reason, LastLines = [] });
        }

        try
        {
            return await WaitForDependenciesAsync(spec, token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            foreach (var (replica, was) in replicas.Zip(before))
            {
                replica.Board.Move(StackEventKind.Updated, "it no longer waits, because the wish changed", _ => was);
            }

            throw;
        }
    }

    private Task<UnmetDependency?> WaitForDependenciesAsync(ServiceSpec spec, CancellationToken token) => DependencyWait.WaitAsync(
        spec.DependsOn,
        _services,
        unmet => _replicas.First.Board.Note(
            StackEventKind.DependencyFailed, $"goes on without '{unmet.Dependency.Service}', which is not required and {unmet.Problem}"),
        token);

    private async Task<StartOutcome> KeepRunningAsync(UnmetDependency unmet, CancellationToken token)
    {
        var reason = $"runs on as it was: {Describe(unmet)}";
        foreach (var replica in _replicas.All)
        {
            if (replica.State.Phase != ServicePhase.Stopping)
            {
                replica.KeepRunning(reason);
            }
            else if (await replica.FinishAsync(token))
            {
                // It was told to end for another to follow, which cannot come.
                replica.Fail(reason = Describe(unmet), unmet.LastLines);
            }
        }

        return new(reason);
    }

    private static string Describe(UnmetDependency unmet) => $"'{unmet.Dependency.Service}', which it depends on, {unmet.Problem}";

    private string DescribeWait(DependencySpec dependency) => dependency.Condition switch
    {
        DependencyCondition.Started => $"{dependency.Service} to be started",
        DependencyCondition.Healthy when _services.Find(dependency.Service) is { Spec.Healthcheck: null } => $"{dependency.Service} to listen",
        DependencyCondition.Healthy => $"{dependency.Service} to be healthy",
        DependencyCondition.CompletedSuccessfully => $"{dependency.Service} to complete",
        _ => throw new NotSupportedException($"no words for {dependency.Condition}"),
    };
}
