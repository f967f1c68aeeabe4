using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// Brings an order to the replicas of one service: one after the other where instances are replaced, so that the others serve
/// meanwhile, and no further than to the first that does not come up.
/// </summary>
internal sealed class Rollout(ReplicaSet replicas, ServiceForwards forwards, TimeProvider time)
{
    /// <summary>How long a replica may take until the next one's turn comes.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Starts an instance in each of the replicas, which have none.</summary>
    public async Task<StartOutcome> BeginAsync(ServiceOrder order, IReadOnlyList<Replica> idle, CancellationToken token)
    {
        try
        {
            forwards.Prepare(order.Spec, order.Fingerprint.Network);
        }
        catch (IOException refused)
        {
            return idle.Select(replica => replica.Fail($"its network could not be made: {refused.Message}", [])).ToList()[0];
        }

        var outcomes = await Task.WhenAll(idle.Select(replica => BeginAsync(order, replica, token)));
        return Array.Find(outcomes, outcome => !outcome.Succeeded) ?? StartOutcome.Started;
    }

    /// <summary>Ends the old instance of each replica, then starts a new one.</summary>
    /// <param name="gracePeriod">Unless the order has another.</param>
    public async Task<StartOutcome> ReplaceAsync(ServiceOrder order, TimeSpan gracePeriod, CancellationToken token)
    {
        var wanted = Wanted(order);
        if (!forwards.IsMadeFrom(order.Fingerprint.Network))
        {
            return await HoldingAsync(async () =>
            {
                // Another place on the networks is the end of the old one, and of whoever is there.
                var ends = await Task.WhenAll(replicas.All.Select(replica => EndAsync(order, replica, gracePeriod, token)));
                token.ThrowIfCancellationRequested();
                return Array.Find(ends, end => end is not null) ?? await BeginAsync(order, wanted, token);
            });
        }

        foreach (var replica in wanted)
        {
            var wasHealthy = replica.State.Health == HealthState.Healthy;
            var outcome = await ReplaceAsync(order, replica, gracePeriod, token);
            if (!outcome.Succeeded)
            {
                return outcome;
            }

            if (replica != wanted[^1] && !await IsReadyAsync(replica, wasHealthy && order.Spec.Healthcheck?.Probe is not ProbeSpec.Disabled, token))
            {
                return new($"{replica.Name} has not become ready, and the others run on as they were");
            }
        }

        return StartOutcome.Started;
    }

    /// <summary>Lets a new instance take over in each replica that serves, and starts one in the others.</summary>
    /// <param name="gracePeriod">Unless the order has another.</param>
    public async Task<StartOutcome> SwapAsync(ServiceOrder order, TimeSpan gracePeriod, CancellationToken token)
    {
        foreach (var replica in Wanted(order))
        {
            var outcome = replica.IsServing
                ? Named(replica, await replica.SwapAsync(order, forwards.Host, order.GracePeriod ?? gracePeriod, token))
                : await ReplaceAsync(order, replica, gracePeriod, token);
            if (!outcome.Succeeded)
            {
                return outcome;
            }
        }

        return StartOutcome.Started;
    }

    private List<Replica> Wanted(ServiceOrder order) => [.. replicas.All.Take(order.Spec.Replicas)];

    private async Task<StartOutcome> BeginAsync(ServiceOrder order, Replica replica, CancellationToken token) =>
        Named(replica, await replica.BeginAsync(order, forwards.Host, token));

    private Task<StartOutcome> ReplaceAsync(ServiceOrder order, Replica replica, TimeSpan gracePeriod, CancellationToken token) =>
        HoldingAsync(async () =>
        {
            var problem = await EndAsync(order, replica, gracePeriod, token);
            token.ThrowIfCancellationRequested();
            return problem ?? await BeginAsync(order, [replica], token);
        });

    /// <summary>Replaces instances without giving up on clients that wait, because the old one takes its time.</summary>
    private async Task<StartOutcome> HoldingAsync(Func<Task<StartOutcome>> replace)
    {
        forwards.PauseHold();
        try
        {
            return await replace();
        }
        finally
        {
            forwards.ResumeHold();
        }
    }

    /// <summary>Ends the old instance; one that was told before keeps the time that it was given, unless another was asked for.</summary>
    private static async Task<StartOutcome?> EndAsync(ServiceOrder order, Replica replica, TimeSpan gracePeriod, CancellationToken token)
    {
        var ending = order.GracePeriod is null && replica.State.Phase == ServicePhase.Stopping
            ? replica.FinishAsync(token)
            : replica.EndAsync("it is to be restarted", order.GracePeriod ?? gracePeriod, isReplaced: true, token);
        return await ending ? null : replica.Fail("the old instance did not end", []);
    }

    /// <summary>Waits until a new instance is ready, or will not be in time.</summary>
    /// <param name="hasHealth">Whether it is to be healthy; one that has never listened on anything and need not is ready when it runs.</param>
    private async Task<bool> IsReadyAsync(Replica replica, bool hasHealth, CancellationToken token)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            var state = await replica.Board.WaitAsync(state => state.Phase != ServicePhase.Running || IsReady(state) || state.Health == HealthState.Unhealthy, both.Token);
            return state.Phase == ServicePhase.Running && IsReady(state);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !token.IsCancellationRequested)
        {
            return false;
        }

        bool IsReady(ServiceState state) => state.Health == HealthState.Healthy || (state.Health == HealthState.None && !hasHealth);
    }

    /// <summary>Of several it must be said which one it was.</summary>
    private StartOutcome Named(Replica replica, StartOutcome outcome) =>
        outcome.Failure is { } reason && replicas.All.Count > 1 ? new($"{replica.Name}: {reason}") : outcome;
}
