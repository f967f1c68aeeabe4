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
    /// <param name="services">Null means all.</param>
    /// <returns>What was done of that part of the plan and what did not succeed of it, and whether that is all of it: the wish may have changed before.</returns>
    public async Task<(ApplyResult.Applied Done, bool IsAll)> WaitForAsync(IReadOnlySet<string>? services)
    {
        var actions = services is null ? plan.Actions : PlanScope.Of(plan, services);
        var outcomes = await Task.WhenAll(actions.Select(action => steps[action.Id]));
        return (await ResultAsync(actions), Array.TrueForAll(outcomes, outcome => outcome.IsDone || outcome.IsLeftOut));
    }

    /// <summary>The services, besides these, to which something happens only because of these.</summary>
    public IReadOnlyList<string> GoAlong(IReadOnlySet<string> services) =>
        [.. PlanScope.Of(plan, services).Select(PlanScope.ServiceOf).OfType<string>().Except(services, StringComparer.Ordinal)];

    private async Task<ApplyResult.Applied> ResultAsync(IReadOnlyList<PlanAction> actions)
    {
        var outcomes = await Task.WhenAll(actions.Select(action => steps[action.Id]));
        var carriedOut = actions.Zip(outcomes).Where(step => step.Second.IsDone).Select(step => step.First);
        return new(plan with { Actions = [.. carriedOut] }, [.. outcomes.Select(outcome => outcome.Failure).OfType<ServiceFailure>()]);
    }
}
