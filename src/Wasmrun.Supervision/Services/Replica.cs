using System.Globalization;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Swapping;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// One of the replicas of a service, which has a number for as long as it exists: its instances one after the other, its state
/// and its log. What the replicas share, their forwards above all, is the service's; so is the order in which they are told things.
/// </summary>
internal sealed class Replica : IAsyncDisposable
{
    private const int LastLines = 10;

    private readonly ServiceLog _log;
    private readonly TimeProvider _time;
    private readonly FormerRuns _former = new();
    private volatile ServiceRun? _run;

    /// <summary>Done when no end of the run goes on any more that a call began which has returned.</summary>
    private Task _endings = Task.CompletedTask;

    /// <summary>Makes a replica known; nothing runs yet.</summary>
    /// <param name="told">Called with its state after every change.</param>
    public Replica(ServiceSpec service, int number, LogStore logs, EventStream events, Action<ServiceState> told, TimeProvider time)
    {
        Number = number;
        Name = service.InstanceName(number);
        _time = time;
        _log = logs.Open(service.Name, Name);
        Board = new(service.Name, Name, events, told);
    }

    /// <summary>Counting from 1.</summary>
    public int Number { get; }

    /// <summary>As compose names it: the service and the number.</summary>
    public string Name { get; }

    public ServiceBoard Board { get; }

    public ServiceState State => Board.Current;

    /// <summary>What the instance was started from; null before the first start.</summary>
    public ServiceOrder? Order { get; private set; }

    /// <summary>Whether an instance runs or will run.</summary>
    public bool IsActive => _run is { IsActive: true };

    /// <summary>Whether an instance serves that another could take over from.</summary>
    public bool IsServing => State.Phase == ServicePhase.Running && IsActive;

    /// <summary>What its instance uses now; null when it has none.</summary>
    public InstanceUsage? Usage => _run?.Usage;

    /// <summary>Clients that its instance serves.</summary>
    public int Clients => _run?.Clients ?? 0;

    public static string NameOf(string service, int number) => string.Create(CultureInfo.InvariantCulture, $"{service}-{number}");

    public IReadOnlyList<string> RecentLines() => _log.RecentLines(LastLines);

    /// <summary>Takes over settings that an instance need not notice.</summary>
    public void Use(ServiceSpec spec)
    {
        _log.Use(spec.Logging);
        _run?.Use(spec.Restart);
        if (Order is { } order && order.Spec.Limits != spec.Limits)
        {
            Order = order with { Spec = order.Spec with { Limits = spec.Limits } };
            _run?.Use(spec.Limits);
        }
    }

    /// <summary>Bounds its instance anew, and says what the instance has beyond that.</summary>
    public void Adjust(ServiceSpec spec)
    {
        Use(spec);
        var excess = spec.Limits.MemoryBytes is { } bound && _run?.Usage is { } usage && usage.MemoryBytes > bound ? usage.MemoryBytes : 0;
        Board.Note(
            StackEventKind.Updated,
            excess == 0 ? "new limits are in force" : string.Create(
                CultureInfo.InvariantCulture, $"new limits are in force; it has {excess} bytes of memory already, keeps them, and gets no more"));
    }

    /// <summary>Judges the health anew, because forwards changed.</summary>
    public void Look() => _run?.Look();

    /// <summary>Waits until what is left of an ended run is over.</summary>
    /// <returns>Null when an instance may be started; otherwise what there is instead.</returns>
    public async Task<StartOutcome?> MakeReadyAsync(CancellationToken token)
    {
        while (_run is { IsActive: true } former)
        {
            if (State.Phase == ServicePhase.Stopping)
            {
                // Whoever wished for its end has been overruled, after it was told.
                await FinishAsync(token);
            }

            if (!State.IsOver && State.Phase != ServicePhase.Stopping)
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

        await SettleAsync(token);
        return null;
    }

    /// <summary>Starts an instance and returns as soon as its guest runs, or it could not be run.</summary>
    public async Task<StartOutcome> BeginAsync(ServiceOrder order, IServiceHost host, CancellationToken token)
    {
        Take(order);
        var before = State.Generation;
        _run?.Dispose();
        var run = _run = new(order, host, _log, Board, _time);
        run.Begin();
        var state = await Board.WaitAsync(
            state => state.Generation > before && (state.HasStarted || state.IsOver || state.Phase == ServicePhase.Restarting), token);
        if (!state.HasStarted)
        {
            return new(state.Reason ?? "it did not start");
        }

        if (await run.Begun.WaitAsync(token) is not { } problem)
        {
            return StartOutcome.Started;
        }

        _ = await Board.WaitAsync(state => state.IsOver || state.Phase == ServicePhase.Restarting, token);
        return new(problem);
    }

    /// <summary>Lets a new instance take over from the one that serves, or go, when it does not come up.</summary>
    public async Task<StartOutcome> SwapAsync(ServiceOrder order, IServiceHost host, TimeSpan gracePeriod, CancellationToken token)
    {
        var serving = _run!;
        await _former.MakeRoomAsync(token);
        Board.Note(StackEventKind.Swapping, "a new instance warms up beside the one that serves");
        try
        {
            await using var candidate = new Candidate(order, host, _log, Board, _time);
            if (await candidate.WarmUpAsync(serving.IsListening, token) is { } problem)
            {
                return KeepServing(candidate.Generation, problem);
            }

            candidate.Instance.TakeClients();
            candidate.Take();
            serving.Leave();
            _former.Add(serving, serving.RetireAsync(gracePeriod));
            Take(order);
            _run = new(order, host, _log, Board, _time, candidate);
            _run.Begin();
            return StartOutcome.Started;
        }
        catch (IOException refused)
        {
            return KeepServing(Board.Current.Generation, $"no new instance can be made: {refused.Message}");
        }
    }

    /// <summary>Ends the run; one that retired before has the time that it had.</summary>
    /// <param name="isReplaced">Another run follows at once.</param>
    /// <param name="token">Ends the wait; the instance was told, and ends all the same.</param>
    /// <returns>False when the instance did not end in time.</returns>
    public async Task<bool> EndAsync(string cause, TimeSpan gracePeriod, bool isReplaced, CancellationToken token)
    {
        var hasEnded = true;
        if (_run is { IsActive: true } run)
        {
            MoveToStopping(cause);
            hasEnded = await WaitForAsync(run.StopAsync(gracePeriod, isReplaced), token);
        }

        if (hasEnded && isReplaced)
        {
            await SettleAsync(token);
        }

        return hasEnded;
    }

    /// <summary>Waits for the end of an instance that was told to stop, in the time that it was given, for another to follow.</summary>
    /// <returns>False when it did not end in time.</returns>
    public async Task<bool> FinishAsync(CancellationToken token)
    {
        if (_run is { IsActive: true } run && !await WaitForAsync(run.StopAsync(run.GracePeriod, isReplaced: true, mayShorten: false), token))
        {
            return false;
        }

        await SettleAsync(token);
        return true;
    }

    /// <summary>Stops it for good, with whatever is left of its former instances.</summary>
    /// <param name="token">Ends the wait; the instances were told, and end all the same.</param>
    /// <returns>False when an instance did not end in time.</returns>
    public async Task<bool> StopAsync(TimeSpan gracePeriod, CancellationToken token)
    {
        var former = _former.EndAsync(gracePeriod, _time);
        var hasEnded = await EndAsync("it is to be stopped", gracePeriod, isReplaced: false, token);
        if (await former.WaitAsync(token) && hasEnded)
        {
            // Its run may have ended for another to follow, which does not come now.
            Board.MoveIf(
                state => state.Phase == ServicePhase.Stopping,
                StackEventKind.Stopped,
                "it was asked to stop",
                state => state with { Phase = ServicePhase.Stopped, Reason = null, LastLines = [] });
            return true;
        }

        Fail("its instance did not end in time", []);
        return false;
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

    public StartOutcome Fail(string reason, IReadOnlyList<string> lastLines)
    {
        Board.Move(
            StackEventKind.Failed,
            reason,
            state => state with { Phase = ServicePhase.Failed, Health = HealthState.None, Reason = reason, LastLines = lastLines });
        return new(reason);
    }

    /// <summary>Says once that a change cannot be made yet; asked again and again, it does not repeat itself.</summary>
    public void KeepRunning(string reason) => Board.MoveIf(
        state => !string.Equals(state.Reason, reason, StringComparison.Ordinal),
        StackEventKind.DependencyFailed,
        reason,
        state => state with { Reason = reason });

    /// <summary>Only after it was stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        await _endings.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _run?.Dispose();
    }

    /// <summary>Waits until nothing goes on any more that needs the run, which has ended.</summary>
    private async Task SettleAsync(CancellationToken token)
    {
        await _endings.WaitAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        token.ThrowIfCancellationRequested();
    }

    private Task<bool> WaitForAsync(Task<bool> ending, CancellationToken token)
    {
        _endings = _endings.IsCompleted ? ending : Task.WhenAll(_endings, ending);
        return ending.WaitAsync(token);
    }

    private void Take(ServiceOrder order)
    {
        Order = order;
        _log.Use(order.Spec.Logging);
    }

    private StartOutcome KeepServing(int generation, string problem)
    {
        var reason = $"serves on as it was: {problem}";
        Board.NoteOf(generation, StackEventKind.SwapFailed, reason);
        Board.MoveIf(
            state => state.Phase == ServicePhase.Running, StackEventKind.Updated, reason, state => state with { Reason = reason });
        return new(reason);
    }

    private void MoveToStopping(string cause) => Board.MoveIf(
        state => !state.IsOver && state.Phase != ServicePhase.Stopping,
        StackEventKind.Stopping,
        cause,
        state => state with { Phase = ServicePhase.Stopping, Health = HealthState.None, Reason = null });
}
