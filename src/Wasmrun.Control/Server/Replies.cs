using Wasmrun.Control.Api;
using Wasmrun.Planning;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Control.Server;

/// <summary>What the reconciler answers, in the form that travels.</summary>
internal static class Replies
{
    /// <summary>Of a wish that was carried out, or was not.</summary>
    public static ApplyReply Of(ApplyResult result) => result switch
    {
        ApplyResult.Applied applied => new ApplyReply.Applied(
            [.. applied.Plan.Actions.Select(action => new AppliedStep(action.Id, action.Cause.Text))], applied.Plan.Orphans, applied.Failures),
        ApplyResult.PortsTaken taken => new ApplyReply.PortsTaken(taken.Conflicts),
        ApplyResult.ModulesUnusable unusable => new ApplyReply.ModulesUnusable(unusable.Failures),
        ApplyResult.UnknownServices unknown => new ApplyReply.UnknownServices(unknown.Names, unknown.Known),
        ApplyResult.Refused refused => new ApplyReply.Refused(refused.Complaints),
        ApplyResult.Abandoned abandoned => new ApplyReply.Abandoned(abandoned.Reason),
        _ => throw new InvalidOperationException($"no reply for {result.GetType()}"),
    };

    /// <summary>Of a wish that was only planned.</summary>
    public static ApplyReply OfPlan(ApplyResult result) =>
        result is ApplyResult.Applied planned ? new ApplyReply.Planned(PlanPrinter.Print(planned.Plan)) : Of(result);
}
