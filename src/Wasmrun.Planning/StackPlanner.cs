using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Planning.Decisions;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Ports;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Planning;

/// <summary>
/// Decides what is to be done so that a stack becomes what is wished. A pure function: the same wish and the same
/// observation give the same plan, and nothing is touched.
/// </summary>
public static class StackPlanner
{
    /// <summary>Plans for everything in the manifest to run.</summary>
    public static StackPlan Plan(StackSpec stack, ObservedStack observed) => Plan(StackWish.Up(stack), observed);

    public static StackPlan Plan(StackWish wish, ObservedStack observed)
    {
        wish = wish with { Stack = WithoutEmpty(wish.Stack) };
        var specs = wish.Stack.Services.ToDictionary(service => service.Name, StringComparer.Ordinal);
        var known = observed.Services.ToDictionary(service => service.Name, StringComparer.Ordinal);
        var forwards = ForwardPlanner.Plan(wish, observed);
        var decisions = Decide(wish, observed, specs, known);
        var graph = new PlanGraph(known);

        graph.Reserve(forwards.Requests);
        graph.CreateVolumes(MissingVolumes(decisions, observed));
        foreach (var halt in Reverse(decisions.OfType<ServiceDecision.Halt>(), specs, known))
        {
            graph.Halt(halt);
        }

        foreach (var decision in decisions)
        {
            graph.Run(decision, specs.GetValueOrDefault(decision.Service), forwards.IsChanged(decision.Service));
        }

        if (wish.RemoveVolumes)
        {
            graph.RemoveVolumes(observed.Volumes.Except(wish.Stack.Volumes.Select(volume => volume.Name), StringComparer.Ordinal));
        }

        return new(graph.Actions, wish.RemoveOrphans ? [] : Orphans(wish, observed));
    }

    /// <summary>Nobody waits for what is to have no replica.</summary>
    private static StackSpec WithoutEmpty(StackSpec stack)
    {
        var empty = stack.Services.Where(service => service.Replicas == 0).Select(service => service.Name).ToHashSet(StringComparer.Ordinal);
        return empty.Count == 0 ? stack : stack with
        {
            Services = [.. stack.Services.Select(service => service with
            {
                DependsOn = [.. service.DependsOn.Where(dependency => !empty.Contains(dependency.Service))],
            })],
        };
    }

    private static List<ServiceDecision> Decide(
        StackWish wish, ObservedStack observed, Dictionary<string, ServiceSpec> specs, Dictionary<string, ObservedService> known)
    {
        var decisions = new List<ServiceDecision>();
        var restarting = new HashSet<string>(StringComparer.Ordinal);
        var order = DependencyOrder.Sort([.. specs.Keys], name => specs[name].DependsOn.Select(dependency => dependency.Service));
        foreach (var name in order.Where(wish.Services.ContainsKey))
        {
            var fingerprint = Fingerprints.Of(specs[name], wish.Stack.Networks, observed.ModuleHashes.GetValueOrDefault(name, ""));
            var decision = ServiceDecider.Decide(specs[name], wish.Services[name], known.GetValueOrDefault(name), fingerprint, wish.Stack.Volumes, restarting);
            if (decision is ServiceDecision.Restart)
            {
                restarting.Add(name);
            }

            decisions.Add(decision);
        }

        if (wish.RemoveOrphans)
        {
            var cause = specs.Count == 0
                ? new PlanCause(PlanCauseKind.Asked, "the stack is to be taken down")
                : new PlanCause(PlanCauseKind.Orphan, "the manifest does not declare it");
            decisions.AddRange(observed.Services
                .Where(service => !wish.Declares(service.Name))
                .Select(service => new ServiceDecision.Halt(
                    service.Name, service.IsActive, service.Forwards.Count > 0, Removes: true, wish.GracePeriod, cause)));
        }
        else
        {
            decisions.AddRange(observed.Services
                .Where(service => service.Spec.OneOffOf is not null && !specs.ContainsKey(service.Name))
                .Select(service => new ServiceDecision.Halt(
                    service.Name, service.IsActive, service.Forwards.Count > 0, Removes: true, GracePeriod: null, new(PlanCauseKind.Asked, "it was to run once, and nobody wants it any more"))));
        }

        // What the manifest does not declare, or not now, can still be stopped.
        var decided = decisions.Select(decision => decision.Service).ToHashSet(StringComparer.Ordinal);
        decisions.AddRange(observed.Services
            .Where(service => !decided.Contains(service.Name) && wish.Services.GetValueOrDefault(service.Name) is { Target: ServiceTarget.Stopped })
            .Select(service => new ServiceDecision.Halt(
                service.Name,
                service.IsActive,
                service.Forwards.Count > 0,
                Removes: false,
                wish.Services[service.Name].GracePeriod,
                new(PlanCauseKind.Asked, "it is to be stopped"))));

        // And what was told to end for another instance, which the manifest declares no more, has come to its end.
        decisions.AddRange(observed.Services
            .Where(service => service.Phase == ServicePhase.Stopping && !decided.Contains(service.Name) && !specs.ContainsKey(service.Name) && !wish.Services.ContainsKey(service.Name))
            .Select(service => new ServiceDecision.Halt(
                service.Name, Stops: true, service.Forwards.Count > 0, Removes: false, GracePeriod: null, new(PlanCauseKind.Orphan, "it is being stopped, and nothing follows"))));
        return decisions;
    }

    /// <summary>Dependents first: what others depend on stops last.</summary>
    private static IEnumerable<ServiceDecision.Halt> Reverse(
        IEnumerable<ServiceDecision.Halt> halts, Dictionary<string, ServiceSpec> specs, Dictionary<string, ObservedService> known)
    {
        var byName = halts.ToDictionary(halt => halt.Service, StringComparer.Ordinal);
        return DependencyOrder.Sort([.. byName.Keys], DependenciesOf).Reverse().Select(name => byName[name]);

        IEnumerable<string> DependenciesOf(string name) =>
            (known.GetValueOrDefault(name)?.Spec ?? specs[name]).DependsOn.Select(dependency => dependency.Service);
    }

    private static IEnumerable<string> MissingVolumes(IEnumerable<ServiceDecision> decisions, ObservedStack observed) => decisions
        .SelectMany(decision => decision switch
        {
            ServiceDecision.Start start => start.Spec.Mounts,
            ServiceDecision.Restart restart => restart.Spec.Mounts,
            ServiceDecision.Scale scale => scale.Spec.Mounts,
            _ => [],
        })
        .OfType<MountSpec.Named>()
        .Select(mount => mount.Volume)
        .Distinct(StringComparer.Ordinal)
        .Except(observed.Volumes, StringComparer.Ordinal);

    private static List<string> Orphans(StackWish wish, ObservedStack observed) =>
    [
        .. observed.Services
            .Where(service => service.Spec.OneOffOf is null && service.IsActive && !wish.Declares(service.Name))
            .Select(service => service.Name)
            .Order(StringComparer.Ordinal),
    ];
}
