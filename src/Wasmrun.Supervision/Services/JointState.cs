using Wasmrun.Planning.Observation;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// What a service is when its replicas are taken together: it runs as long as one of them does, is as healthy as the worst of
/// those, and has started when all have. Of one replica it is the state itself.
/// </summary>
internal static class JointState
{
    /// <summary>The phase of the service is the first of these that a replica is in.</summary>
    private static readonly ServicePhase[] s_phases =
    [
        ServicePhase.Running, ServicePhase.Starting, ServicePhase.Restarting, ServicePhase.Stopping, ServicePhase.Waiting,
        ServicePhase.Failed, ServicePhase.Exited, ServicePhase.Stopped, ServicePhase.Created,
    ];

    private static readonly HealthState[] s_healths = [HealthState.Unhealthy, HealthState.Starting, HealthState.Healthy];

    public static ServiceState Of(IReadOnlyList<ServiceState> replicas)
    {
        if (replicas is [var only])
        {
            return only;
        }

        var phase = s_phases.First(phase => replicas.Any(state => state.Phase == phase));
        var complaint = replicas.FirstOrDefault(state => state.Phase == ServicePhase.Failed) ?? replicas.FirstOrDefault(state => state.Reason is not null);
        return new()
        {
            Phase = phase,
            Health = s_healths.FirstOrDefault(health => replicas.Any(state => state.Health == health)),
            NeverBecameHealthy = replicas.Any(state => state.NeverBecameHealthy),
            HasStarted = replicas.All(state => state.HasStarted),
            Generation = replicas.Max(state => state.Generation),
            Restarts = replicas.Sum(state => state.Restarts),
            RestartsInARow = replicas.Max(state => state.RestartsInARow),
            ExitCode = replicas.Select(state => state.ExitCode).FirstOrDefault(code => code is not (null or 0)) ?? replicas[0].ExitCode,
            StartedAt = replicas.Max(state => state.StartedAt),
            EndedAt = replicas.Max(state => state.EndedAt),
            Reason = complaint?.Reason,
            LastLines = complaint?.LastLines ?? [],
            EventSequence = replicas.Max(state => state.EventSequence),
        };
    }
}
