using System.Globalization;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Planning.Decisions;

/// <summary>Compares the wish for one service with what there is of it, and says what is to be done and why.</summary>
internal static class ServiceDecider
{
    /// <summary>Decides for a service that the wish names.</summary>
    /// <param name="fingerprint">Of what an instance would be started from now.</param>
    /// <param name="volumes">The named volumes of the stack.</param>
    /// <param name="restarting">Services that restart by an earlier decision of the same plan.</param>
    public static ServiceDecision Decide(
        ServiceSpec spec,
        ServiceWish wish,
        ObservedService? known,
        Fingerprint fingerprint,
        IReadOnlyList<VolumeSpec> volumes,
        IReadOnlySet<string> restarting)
    {
        if (wish.Target == ServiceTarget.Stopped || spec.Replicas == 0)
        {
            return new ServiceDecision.Halt(
                spec.Name,
                known?.IsActive ?? false,
                known is { Forwards.Count: > 0 },
                Removes: false,
                wish.GracePeriod,
                wish.Target == ServiceTarget.Stopped ? new(PlanCauseKind.Asked, "it is to be stopped") : new(PlanCauseKind.Scale, "no replica of it is to run"));
        }

        if (spec.OneOffOf is not null && known is not (null or { Phase: ServicePhase.Created }))
        {
            return new ServiceDecision.Keep(spec.Name, new(PlanCauseKind.Declared, "it runs once, and as it was begun"));
        }

        return known switch
        {
            null or { Phase: ServicePhase.Created } when spec.OneOffOf is { } service =>
                new ServiceDecision.Start(spec, fingerprint, new(PlanCauseKind.Asked, $"'{service}' is to be run once more")),
            null or { Phase: ServicePhase.Created } =>
                new ServiceDecision.Start(spec, fingerprint, new(PlanCauseKind.Declared, "it is declared and was not started yet")),
            { Phase: ServicePhase.Stopping } =>
                new ServiceDecision.Restart(spec, fingerprint, IsSwap: false, new(PlanCauseKind.Asked, "it is being stopped and is to run"))
                {
                    GracePeriod = wish.Asked.Restart > known.Served.Restart ? wish.GracePeriod : null,
                },
            { IsActive: true } => DecideActive(spec, wish, known, fingerprint, SwapRule.Allows(spec, known, fingerprint, volumes), restarting),
            _ when wish.Asked.Start > known.Served.Start || wish.Asked.Restart > known.Served.Restart =>
                new ServiceDecision.Start(spec, fingerprint, new(PlanCauseKind.Asked, $"it is to run and has {Describe(known.Phase)}")),
            { Phase: ServicePhase.Failed } when wish.Asked.Need > known.Served.Need =>
                new ServiceDecision.Start(spec, fingerprint, new(PlanCauseKind.Needed, "it has failed, and what depends on it is to run")),
            _ => DecideSettings(spec, known),
        };
    }

    private static ServiceDecision DecideActive(
        ServiceSpec spec, ServiceWish wish, ObservedService known, Fingerprint fingerprint, bool isSwap, IReadOnlySet<string> restarting)
    {
        var differences = known.Fingerprint is null ? [] : fingerprint.DifferencesTo(known.Fingerprint);
        if (differences.Count > 0 && fingerprint == known.Refused && wish.Asked.Start <= known.Served.Start && wish.Asked.Restart <= known.Served.Restart)
        {
            return new ServiceDecision.Keep(spec.Name, new(PlanCauseKind.Declared, "what it is to be did not come up, and nobody asked again"));
        }

        if (differences.Count > 0)
        {
            return new ServiceDecision.Restart(spec, fingerprint, isSwap, new(PlanCauseKind.Changed, $"{string.Join(", ", differences)} changed"));
        }

        if (wish.Asked.Restart > known.Served.Restart)
        {
            return new ServiceDecision.Restart(spec, fingerprint, isSwap, new(PlanCauseKind.Asked, "a restart was asked for")) { GracePeriod = wish.GracePeriod };
        }

        var causes = spec.DependsOn.Where(dependency => dependency.Restart && restarting.Contains(dependency.Service)).Select(dependency => dependency.Service).ToList();
        return causes.Count == 0
            ? DecideReplicas(spec, wish, known, fingerprint) ?? DecideSettings(spec, known)
            : new ServiceDecision.Restart(spec, fingerprint, isSwap, new(PlanCauseKind.Dependency, $"'{causes[0]}', which it depends on, restarts")) { OnlyWith = causes };
    }

    /// <summary>Looks at the replicas one by one; null when there are as many as there should be, each where it should be.</summary>
    private static ServiceDecision? DecideReplicas(ServiceSpec spec, ServiceWish wish, ObservedService known, Fingerprint fingerprint)
    {
        var started = known.Replicas.Count(phase => phase != ServicePhase.Created);
        if (started != spec.Replicas || known.Replicas.Count != spec.Replicas)
        {
            // One that was to be started, and is no longer wished, is there as well.
            started = started == spec.Replicas ? known.Replicas.Count : started;
            return new ServiceDecision.Scale(spec, fingerprint, new(PlanCauseKind.Scale, string.Create(
                CultureInfo.InvariantCulture, $"{spec.Replicas} replica{(spec.Replicas == 1 ? "" : "s")} of it {(spec.Replicas == 1 ? "is" : "are")} to run instead of {started}")));
        }

        if (known.Replicas.Count(phase => phase == ServicePhase.Stopping) is > 0 and var stopping)
        {
            return new ServiceDecision.Start(spec, fingerprint, new(PlanCauseKind.Asked, string.Create(
                CultureInfo.InvariantCulture, $"all of its {spec.Replicas} replicas are to run, and {stopping} of them {(stopping == 1 ? "is" : "are")} being stopped")));
        }

        var ended = known.Replicas.Where(phase => phase is ServicePhase.Exited or ServicePhase.Stopped or ServicePhase.Failed).ToList();
        return ended.Count > 0 && (wish.Asked.Start > known.Served.Start || (wish.Asked.Need > known.Served.Need && ended.Contains(ServicePhase.Failed)))
            ? new ServiceDecision.Start(spec, fingerprint, new(PlanCauseKind.Asked, string.Create(
                CultureInfo.InvariantCulture, $"all of its {spec.Replicas} replicas are to run, and {ended.Count} of them {(ended.Count == 1 ? "does" : "do")} not")))
            : null;
    }

    private static ServiceDecision DecideSettings(ServiceSpec spec, ObservedService known)
    {
        var differences = LiveSettings.Differences(known.Spec, spec);
        var limits = LiveSettings.HasOtherLimits(known.Spec, spec) ? new PlanCause(PlanCauseKind.Changed, "limits changed") : null;
        var settings = differences.Count > 0 ? new PlanCause(PlanCauseKind.Changed, $"{string.Join(", ", differences)} changed") : null;
        return limits is not null || settings is not null
            ? new ServiceDecision.Update(spec, limits, settings)
            : new ServiceDecision.Keep(spec.Name, new(PlanCauseKind.Declared, "it is as it is to be"));
    }

    private static string Describe(ServicePhase phase) => phase switch
    {
        ServicePhase.Exited => "exited",
        ServicePhase.Stopped => "stopped",
        ServicePhase.Failed => "failed",
        _ => "not started",
    };
}
