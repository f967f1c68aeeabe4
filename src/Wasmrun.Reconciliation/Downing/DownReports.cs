using Wasmrun.Planning;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Reconciliation.Downing;

/// <summary>Puts a report together from what was done and what is found afterwards.</summary>
internal static class DownReports
{
    public static DownReport Of(ApplyResult result, IReadOnlyList<int> heldBefore, IReadOnlyList<int> heldAfter, IReadOnlyList<string> leftovers) =>
        result switch
        {
            ApplyResult.Applied applied => new(
                [.. applied.Plan.Actions.OfType<PlanAction.RemoveService>().Select(action => action.Service)],
                [.. heldBefore.Except(heldAfter).Order()],
                [.. applied.Plan.Actions.OfType<PlanAction.RemoveVolume>().Select(action => action.Volume)],
                [.. applied.Failures.Select(Describe).Concat(leftovers)]),
            ApplyResult.Abandoned abandoned => new([], [], [], [abandoned.Reason, .. leftovers]),
            _ => throw new NotSupportedException($"taking a stack down cannot end in {result.GetType().Name}"),
        };

    private static string Describe(ServiceFailure failure) => failure.Service.Length > 0 ? $"service {failure.Service}: {failure.Reason}" : failure.Reason;
}
