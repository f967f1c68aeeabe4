using System.Globalization;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Dependencies;

/// <summary>Whether a dependency is as far as it must be, judged from its state alone.</summary>
/// <param name="Problem">Why it will never be, when that is certain.</param>
internal readonly record struct DependencyVerdict(bool IsMet, string? Problem)
{
    private static DependencyVerdict Met { get; } = new(IsMet: true, null);

    private static DependencyVerdict Pending { get; } = new(IsMet: false, null);

    /// <summary>Nothing to wait for any more.</summary>
    public bool IsFinal => IsMet || Problem is not null;

    /// <summary>Judges all replicas: each must be as far, and one that never will be is enough for a problem.</summary>
    public static DependencyVerdict Of(DependencyCondition condition, IReadOnlyList<ServiceState> replicas, bool hasHealth)
    {
        // A replica that has just been added is about to be started.
        var verdicts = replicas
            .Select(state => state.Phase == ServicePhase.Created && replicas.Any(other => other.Phase != ServicePhase.Created)
                ? Pending
                : Of(condition, state, hasHealth))
            .ToList();
        return verdicts.Find(verdict => verdict.Problem is not null) is { Problem: not null } problem ? problem : verdicts.TrueForAll(verdict => verdict.IsMet) ? Met : Pending;
    }

    /// <summary>Judges one state; another may lead to another verdict, unless this one is final.</summary>
    /// <param name="hasHealth">Whether the dependency can be healthy at all; one whose check is disabled cannot, and is ready when it has started.</param>
    public static DependencyVerdict Of(DependencyCondition condition, ServiceState state, bool hasHealth) => condition switch
    {
        DependencyCondition.Started => OfStarted(state),
        DependencyCondition.Healthy => hasHealth ? OfHealthy(state) : OfStarted(state),
        DependencyCondition.CompletedSuccessfully => OfCompleted(state),
        _ => throw new NotSupportedException($"no verdict for {condition}"),
    };

    private static DependencyVerdict OfStarted(ServiceState state) => state switch
    {
        { Phase: ServicePhase.Failed or ServicePhase.Stopped or ServicePhase.Created } => Impossible(state),
        { HasStarted: true } => Met,
        _ => Pending,
    };

    private static DependencyVerdict OfHealthy(ServiceState state) => state switch
    {
        { Phase: ServicePhase.Running, Health: HealthState.Healthy } => Met,
        { IsOver: true } or { Phase: ServicePhase.Created } or { Phase: ServicePhase.Running, NeverBecameHealthy: true } => Impossible(state),
        _ => Pending,
    };

    private static DependencyVerdict OfCompleted(ServiceState state) => state switch
    {
        { Phase: ServicePhase.Exited, ExitCode: 0 } => Met,
        { IsOver: true } or { Phase: ServicePhase.Created } => Impossible(state),
        _ => Pending,
    };

    private static DependencyVerdict Impossible(ServiceState state) => new(IsMet: false, state.Phase switch
    {
        ServicePhase.Created => "was not started",
        ServicePhase.Stopped => "is stopped",
        ServicePhase.Running => $"is unhealthy: {state.Reason}",
        ServicePhase.Exited => string.Create(CultureInfo.InvariantCulture, $"exited with code {state.ExitCode}"),
        _ => $"failed: {state.Reason}",
    });
}
