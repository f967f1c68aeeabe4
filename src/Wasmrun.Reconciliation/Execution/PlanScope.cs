using Wasmrun.Planning;

namespace Wasmrun.Reconciliation.Execution;

/// <summary>Which steps of a plan are about certain services.</summary>
internal static class PlanScope
{
    /// <summary>Their own steps, those of services that only go along with them, and what all of these need that is no service.</summary>
    public static IReadOnlyList<PlanAction> Of(StackPlan plan, IReadOnlySet<string> services)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        foreach (var action in plan.Actions)
        {
            if ((ServiceOf(action) is { } service && services.Contains(service)) || action.OnlyWith.Any(own.Contains))
            {
                own.Add(action.Id);
            }
        }

        var needed = plan.Actions.Where(action => own.Contains(action.Id)).SelectMany(action => action.After).ToHashSet(StringComparer.Ordinal);
        return [.. plan.Actions.Where(action => own.Contains(action.Id) || (ServiceOf(action) is null && needed.Contains(action.Id)))];
    }

    /// <summary>The service that a step does something to; null when it is for several or for none.</summary>
    public static string? ServiceOf(PlanAction action) => action switch
    {
        PlanAction.StartService start => start.Service.Name,
        PlanAction.RestartService restart => restart.Service.Name,
        PlanAction.SwapService swap => swap.Service.Name,
        PlanAction.ScaleService scale => scale.Service.Name,
        PlanAction.UpdateService update => update.Service.Name,
        PlanAction.AdjustLimits adjust => adjust.Service.Name,
        PlanAction.RebindForwards rebind => rebind.Service.Name,
        PlanAction.StopService stop => stop.Service,
        PlanAction.ReleasePorts release => release.Service,
        PlanAction.RemoveService remove => remove.Service,
        _ => null,
    };
}
