using Microsoft.Extensions.Hosting;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Validation;
using Wasmrun.Planning;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Building;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Reconciliation.Execution;
using Wasmrun.Reconciliation.OneOffs;
using Wasmrun.Reconciliation.State;
using Wasmrun.Reconciliation.Waiting;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Reconciliation;

/// <summary>
/// Keeps one stack as it is wished: observes, plans, executes, and starts over whenever the wish changes. Callers change
/// the wish and await the pass that has taken it in; between wishes it looks now and then whether all is as it should be.
/// </summary>
public sealed class StackReconciler : BackgroundService
{
    private readonly WishBook _wishes = new();
    private readonly StackReconcilerOptions _options;
    private readonly IStackHost _host;
    private readonly LogStore _logs;
    private readonly TimeProvider _time;
    private readonly KnownServices _services;
    private readonly ReconcilePass _pass;

    /// <summary>Nothing runs until the hosted service is started and a stack is applied.</summary>
    public StackReconciler(
        StackReconcilerOptions options, IStackHost host, ProjectState project, EventStream events, LogStore logs, TimeProvider time)
    {
        _options = options;
        _host = host;
        _logs = logs;
        _time = time;
        Events = events;
        _services = new(host, logs, events, time);
        Builder = new(logs, events, time);
        _pass = new(host, project, _services, Builder, events);
    }

    /// <summary>The stack that is wished; null before the first apply and after a down.</summary>
    public StackSpec? Stack => _wishes.Desired?.Stack;

    internal StackWish? Wish => _wishes.Desired;

    /// <summary>Everything that happens to the stack.</summary>
    public EventStream Events { get; }

    /// <summary>What builds the services.</summary>
    public ProjectBuilder Builder { get; }

    /// <summary>Brings the stack up, or changes it: returns when every service was started or has failed.</summary>
    public Task<ApplyResult> ApplyAsync(StackSpec stack, ApplyOptions options, CancellationToken token)
    {
        if (options.Build)
        {
            Builder.Forget(options.Services.Count > 0 ? options.Services : stack.Services.Select(service => service.Name));
        }

        var isAboutAll = options.Services.Count == 0 || options.RemoveOrphans;
        return _wishes.ChangeAsync(
            former => Apply(former, stack, options), isAboutAll ? [] : [.. options.Services.Union(options.Scale.Keys, StringComparer.Ordinal)], token);
    }

    /// <summary>What <see cref="ApplyAsync"/> would do now; touches nothing.</summary>
    public Task<ApplyResult> PreviewAsync(StackSpec stack, ApplyOptions options, CancellationToken token)
    {
        var (next, answer) = Apply(_wishes.Desired, stack, options);
        return answer is null ? _pass.PreviewAsync(next!, token) : Task.FromResult(answer);
    }

    /// <summary>What a change of the wish for services would do now; touches nothing. An empty list means all.</summary>
    public Task<ApplyResult> PreviewAsync(
        IReadOnlyList<string> services, Func<StackWish, IReadOnlyCollection<string>, StackWish> change, OneOffReach reach, CancellationToken token)
    {
        var (next, answer) = Change(_wishes.Desired, services, change, reach);
        return answer is null ? _pass.PreviewAsync(next!, token) : Task.FromResult(answer);
    }

    /// <summary>What <see cref="DownAsync"/> would do now; touches nothing.</summary>
    public Task<ApplyResult> PreviewAsync(DownOptions options, CancellationToken token) => _pass.PreviewAsync(Down(_wishes.Desired, options), token);

    /// <summary>Whether the service is wished to run, whatever it does now.</summary>
    public bool IsToRun(string service) =>
        _wishes.Desired is { } wish && wish.IsToRun(service);

    /// <summary>Keeps an instance of each of these services waiting to be the next, and none of others.</summary>
    public void KeepSpares(IEnumerable<string> services) => _host.KeepSpares(services.ToHashSet(StringComparer.Ordinal));

    /// <summary>The state of every replica of every service, sorted by the service's name and the replica's number.</summary>
    public IReadOnlyList<ServiceStatus> Snapshot() => [.. _services.All.SelectMany(service => service.Statuses)];

    /// <summary>What the instances that run use, sorted as <see cref="Snapshot"/>.</summary>
    public IReadOnlyList<InstanceStats> Measure() => [.. _services.All.SelectMany(service => service.Measure(_time.GetUtcNow()))];

    /// <summary>Log lines of all services merged by time; see <see cref="LogQuery"/>.</summary>
    public IAsyncEnumerable<LogLine> ReadLogsAsync(LogQuery query, CancellationToken token) => _logs.ReadAsync(query, token);

    /// <summary>Stops and starts services; their forwards stay open meanwhile. An empty list means all.</summary>
    /// <param name="gracePeriod">For the instances that end: instead of the services' own.</param>
    public Task<ApplyResult> RestartAsync(IReadOnlyList<string> services, TimeSpan? gracePeriod, CancellationToken token) =>
        ChangeAsync(services, (wish, names) => WishChanges.Restart(wish, names, gracePeriod), OneOffReach.None, token);

    /// <summary>Stops services, dependents first, and closes their forwards. An empty list means all.</summary>
    /// <param name="gracePeriod">Instead of the services' own.</param>
    public Task<ApplyResult> StopAsync(IReadOnlyList<string> services, TimeSpan? gracePeriod, CancellationToken token) =>
        ChangeAsync(services, (wish, names) => WishChanges.Stop(wish, names, gracePeriod), OneOffReach.Named, token);

    /// <summary>Starts stopped services and what they depend on. An empty list means all.</summary>
    public Task<ApplyResult> StartAsync(IReadOnlyList<string> services, CancellationToken token) =>
        ChangeAsync(services, WishChanges.Start, OneOffReach.None, token);

    /// <summary>Runs so many replicas of services, and what they depend on unless told otherwise.</summary>
    public Task<ApplyResult> ScaleAsync(IReadOnlyDictionary<string, int> replicas, bool withDependencies, CancellationToken token) =>
        ChangeAsync([.. replicas.Keys], (wish, _) => WishChanges.Scale(wish, replicas, withDependencies), OneOffReach.None, token);

    /// <summary>Wishes for an instance that runs once beside the stack, as soon as what it depends on is as far as it must be.</summary>
    /// <param name="stack">The manifest as it is now, for what does not run yet.</param>
    /// <param name="build">Run the service's build command even if it was run before.</param>
    /// <returns>Done when it was started or has failed; and its output, or null when it cannot be wished for.</returns>
    internal (Task<ApplyResult> Applying, LogReading? Log) RunOnce(StackSpec stack, ServiceSpec oneOff, bool build)
    {
        if (build && oneOff.OneOffOf is { } service)
        {
            Builder.Forget([service]);
        }

        LogReading? log = null;
        var applying = _wishes.ChangeAsync(
            former =>
            {
                var (next, answer) = RunOnce(former, stack, oneOff);
                log ??= answer is null ? _logs.ReadToEnd(oneOff.Name, oneOff.InstanceName(1)) : null;
                return (next, answer);
            },
            [oneOff.Name],
            CancellationToken.None);
        return (applying, log);
    }

    /// <summary>What <see cref="OneOffRun"/> would do now; touches nothing.</summary>
    public Task<ApplyResult> PreviewOnceAsync(StackSpec stack, ServiceSpec oneOff, CancellationToken token)
    {
        var (next, answer) = RunOnce(_wishes.Desired, stack, oneOff);
        return answer is null ? _pass.PreviewAsync(next!, token) : Task.FromResult(answer);
    }

    /// <summary>Ends an instance that runs once, if it has not ended, and removes it.</summary>
    internal Task<ApplyResult> RemoveOnceAsync(string oneOff, CancellationToken token) => _wishes.ChangeAsync(
        former => OneOffWishes.Includes(former, oneOff) ? (OneOffWishes.Remove(former!, oneOff), null) : (null, new ApplyResult.Applied(StackPlan.Nothing, [])),
        [oneOff],
        token);

    /// <summary>Takes no request any more if there is no stack, or none that is wanted for itself and of which anything runs.</summary>
    /// <param name="isUnwanted">Whether nobody wants it for itself.</param>
    /// <returns>Whether there is nothing left, nor will be.</returns>
    public async Task<bool> TryRetireAsync(Func<bool> isUnwanted)
    {
        await _wishes.ChangeAsync(
            former => former is not null && isUnwanted() && !OneOffWishes.Of(former).Any() && !_services.All.Any(service => service.State is { IsOver: false, Phase: not ServicePhase.Created })
                ? (Down(former, new DownOptions(Volumes: false, GracePeriod: null)), null)
                : (null, new ApplyResult.Applied(StackPlan.Nothing, [])),
            [],
            CancellationToken.None);
        return isUnwanted() && _wishes.TryClose("the runner is ending");
    }

    /// <summary>Ends the log of an instance that was removed, or never came to be: who reads it comes to its end.</summary>
    internal void EndLog(LogReading log) => _logs.End(log);

    /// <summary>Deletes what is left of a log that has ended.</summary>
    internal void DiscardLog(LogReading log) => _logs.Discard(log);

    /// <summary>Ends services at once, without a grace period. An empty list means all; the second Ctrl-C is this.</summary>
    public Task<ApplyResult> KillAsync(IReadOnlyList<string> services, CancellationToken token)
    {
        // Told before the wish changes: whoever wishes for it to run after this finds it stopping, and starts it anew.
        if (services.Except(Names(_wishes.Desired), StringComparer.Ordinal).FirstOrDefault() is null)
        {
            foreach (var service in _services.All.Where(service => services.Count == 0 || services.Contains(service.Name, StringComparer.Ordinal)))
            {
                service.Kill();
            }
        }

        return ChangeAsync(services, (wish, names) => WishChanges.Stop(wish, names, TimeSpan.Zero), OneOffReach.All, token);
    }

    /// <summary>Stops and removes everything, then looks whether anything is left.</summary>
    public async Task<DownReport> DownAsync(DownOptions options, CancellationToken token)
    {
        var held = HeldPorts();
        var result = await _wishes.ChangeAsync(former => (Down(former, options), null), [], token);
        _logs.Finish();
        Events.Finish();
        return DownReports.Of(result, held, HeldPorts(), _host.FindLeftovers());
    }

    /// <summary>Who follows logs reads on to the end of those there are, and is done.</summary>
    public void FinishLogs() => _logs.Finish();

    /// <summary>Waits until services have come as far as <paramref name="condition"/> says. An empty list means all.</summary>
    /// <param name="timeout">How long at most; null for ever.</param>
    public async Task<WaitResult> WaitForAsync(WaitCondition condition, IReadOnlyList<string> services, TimeSpan? timeout, CancellationToken token)
    {
        var known = Names(_wishes.Desired);
        var unknown = services.Except(known, StringComparer.Ordinal).ToList();
        return unknown.Count > 0
            ? new WaitResult.UnknownServices(unknown, known)
            : await new ServiceWait(condition, () => Look(condition, services), Events, _time).RunAsync(timeout, token);
    }

    /// <summary>Stops every service, dependents first, and then the loop.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (ExecuteTask is { IsCompleted: false } && _services.All.Count > 0)
        {
            try
            {
                await ChangeAsync([], (wish, names) => WishChanges.Stop(wish, names, gracePeriod: null), OneOffReach.All, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await KillAsync([], CancellationToken.None);
            }
        }

        _wishes.Close("the runner is ending");
        await base.StopAsync(cancellationToken);
        foreach (var service in _services.All)
        {
            await service.DisposeAsync();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _wishes.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var (wish, version, superseded) = _wishes.Begin();
                if (wish is not null)
                {
                    using var pass = CancellationTokenSource.CreateLinkedTokenSource(superseded, stoppingToken);
                    await PassAsync(wish, version, pass.Token, stoppingToken);
                }

                await WaitForNewsAsync(version, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The runner ends; whoever stopped it sees to the services.
        }
    }

    private static (StackWish? Next, ApplyResult? Answer) Apply(StackWish? former, StackSpec stack, ApplyOptions options)
    {
        var known = stack.Services.Select(service => service.Name).ToList();
        var unknown = options.Services.Union(options.Scale.Keys, StringComparer.Ordinal).Except(known, StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            return (null, new ApplyResult.UnknownServices(unknown, known));
        }

        if (OneOffWishes.Complain(former, stack) is { } complaint)
        {
            return (null, new ApplyResult.Refused([complaint]));
        }

        var wish = WishChanges.Apply(former, stack, options.Services, !options.NoDependencies, options.ForceRecreate, options.RemoveOrphans);
        return Accept(wish with { Stack = WishChanges.Scale(wish.Stack, options.Scale) });
    }

    private (StackWish? Next, ApplyResult? Answer) RunOnce(StackWish? former, StackSpec stack, ServiceSpec oneOff) =>
        OneOffWishes.Complain(former, stack, oneOff, HasEnded) is { } complaint
            ? (null, new ApplyResult.Refused([complaint]))
            : Accept(OneOffWishes.Add(former, stack, oneOff, HasEnded));

    private bool HasEnded(string service) => _services.Find(service) is { State.IsOver: true };

    private static (StackWish? Next, ApplyResult? Answer) Accept(StackWish wish) =>
        ReplicaRule.Complaints(wish.Stack) is { Count: > 0 } complaints ? (null, new ApplyResult.Refused(complaints)) : (wish, null);

    private Task<ApplyResult> ChangeAsync(
        IReadOnlyList<string> services, Func<StackWish, IReadOnlyCollection<string>, StackWish> change, OneOffReach reach, CancellationToken token) =>
        _wishes.ChangeAsync(former => Change(former, services, change, reach), services, token);

    private (StackWish? Next, ApplyResult? Answer) Change(
        StackWish? former, IReadOnlyList<string> services, Func<StackWish, IReadOnlyCollection<string>, StackWish> change, OneOffReach reach)
    {
        var known = Names(former);
        var unknown = services.Except(known, StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            return (null, new ApplyResult.UnknownServices(unknown, known));
        }

        if (former is null)
        {
            return (null, new ApplyResult.Applied(StackPlan.Nothing, []));
        }

        var complaints = reach == OneOffReach.None ? services.Select(name => UndeclaredServices.Complain(former, name)).OfType<string>().ToList() : [];
        return complaints.Count > 0
            ? (null, new ApplyResult.Refused(complaints))
            : Accept(change(
                former,
                services.Count > 0 ? services : [.. former.Services.Keys.Where(name => reach == OneOffReach.All || UndeclaredServices.Complain(former, name) is null)]));
    }

    private StackWish Down(StackWish? former, DownOptions options) =>
        StackWish.Down(former?.Stack ?? new(Events.Project, "", [], [], [], []), options.Volumes) with
        {
            GracePeriod = options.GracePeriod,
            LastTicket = former?.LastTicket ?? 1,
        };

    private async Task PassAsync(StackWish wish, long version, CancellationToken token, CancellationToken stoppingToken)
    {
        var answers = new PassAnswers(_wishes, wish, version);
        try
        {
            var result = await _pass.RunAsync(wish, () => _wishes.Accept(version, wish), answers.Follow, token);
            await answers.WaitAsync();
            answers.Complete(result);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            // A newer wish: the next pass answers for this one too.
        }
        catch (Exception mistake) when (mistake is not OperationCanceledException)
        {
            // One pass that fails by a mistake of the runner must not end the supervision of what runs.
            Events.Publish(StackEventKind.RunnerFailed, mistake.Message, EventSubject.Stack, ("detail", mistake.ToString()));
            _wishes.Fault(version, mistake);
        }
        finally
        {
            await answers.WaitAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WaitForNewsAsync(long version, CancellationToken stoppingToken)
    {
        using var resync = new CancellationTokenSource(_options.Resync, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, resync.Token);
        try
        {
            while (await _wishes.ReadNewsAsync(both.Token) <= version)
            {
                // The pass has taken this one in already.
            }
        }
        catch (OperationCanceledException) when (resync.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            // Nothing new: look again all the same.
        }
    }

    /// <summary>Whom a wait is about: the named ones, or all that are to run, and for their end also those that are about to go.</summary>
    private Dictionary<string, IReadOnlyList<ServiceStatus>> Look(WaitCondition condition, IReadOnlyList<string> services)
    {
        var wish = _wishes.Desired;
        var known = _services.All.ToDictionary(service => service.Name, service => service.Statuses, StringComparer.Ordinal);
        var wanted = wish?.Services.Keys.Where(wish.IsToRun) ?? [];
        var all = condition == WaitCondition.Ended ? wanted.Union(known.Keys, StringComparer.Ordinal) : wanted.Where(name => !OneOffWishes.Includes(wish, name));
        return (services.Count > 0 ? services : all)
            .Where(name => known.ContainsKey(name) || (wish?.Services.ContainsKey(name) ?? false))
            .ToDictionary(name => name, name => known.GetValueOrDefault(name) ?? [], StringComparer.Ordinal);
    }

    private List<string> Names(StackWish? wish) =>
    [
        .. (wish?.Stack.Services.Select(service => service.Name) ?? [])
            .Concat(_services.All.Select(service => service.Name))
            .Distinct(StringComparer.Ordinal),
    ];

    private List<int> HeldPorts() =>
        [.. _services.All.SelectMany(service => service.Forwards).Select(forward => forward.Description.HostPort).Distinct()];
}
