using Wasmrun.Planning;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Reconciliation.Execution;

/// <summary>A plan that is being carried out: what comes of it, and of the part that is about certain services.</summary>
/// <param name="steps">What becomes of each step, by its id; none of them fails.</param>
internal sealed class PlanExecution(StackPlan plan, IReadOnlyDictionary<string, Task<StepOutcome>> steps, CancellationToken token)
{
    /// <summary>Waits for every step, whatever becomes of it.</summary>
    /// <returns>The plan without what was left out, and what did not succeed.</returns>
    /// <exception cref="OperationCanceledException">The wish changed.</exception>
    public async Task<ApplyResult.Applied> WaitAsync()
    {
        await Task.WhenAll(steps.Values);
        token.ThrowIfCancellationRequested();
        return await ResultAsync(plan.Actions);
    }

    /// <summary>Waits for the steps that are about these services, and only for what they come after.</summary>
    /// <returns>That part of the plan, and what did not succeed of it; null when the wish changed before it was done.</returns>
    public async Task<ApplyResult.Applied?> WaitForAsync(IReadOnlySet<string> services)
    {
        var actions = PlanScope.Of(plan, services);
        var outcomes = await Task.WhenAll(actions.Select(action => steps[action.Id]));
        return Array.TrueForAll(outcomes, outcome => outcome.IsDone || outcome.IsLeftOut) ? await ResultAsync(actions) : null;
    }

    /// <summary>The services, besides these, to which something happens only because of these.</summary>
    public IReadOnlyList<string> GoAlong(IReadOnlySet<string> services) =>
        [.. PlanScope.Of(plan, services).Select(PlanScope.ServiceOf).OfType<string>().Except(services, StringComparer.Ordinal)];

    private async Task<ApplyResult.Applied> ResultAsync(IReadOnlyList<PlanAction> actions)
    {
        var outcomes = await Task.WhenAll(actions.Select(action => steps[action.Id]));
        var carriedOut = actions.Zip(outcomes).Where(step => !step.Second.IsLeftOut).Select(step => step.First);
        return new(plan with { Actions = [.. carriedOut] }, [.. outcomes.Select(outcome => outcome.Failure).OfType<ServiceFailure>()]);
    }
}
