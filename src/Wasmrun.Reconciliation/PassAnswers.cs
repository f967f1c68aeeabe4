using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Execution;

namespace Wasmrun.Reconciliation;

/// <summary>
/// Answers those who wait for what one pass does: who asked for something of certain services as soon as that is done, everybody else
/// with the pass. If the pass is interrupted, they have their answer from a later one, and with it what this one has done.
/// </summary>
internal sealed class PassAnswers(WishBook wishes, StackWish wish, long version)
{
    private Task _answering = Task.CompletedTask;

    /// <summary>Something of the pass is being carried out.</summary>
    /// <param name="onlyStops">It is only what was asked to stop; the rest follows.</param>
    public void Follow(PlanExecution execution, bool onlyStops) => _answering = Task.WhenAll(
        [_answering, .. wishes.Unanswered(version).Select(change => FollowAsync(change, execution, mayAnswer: change.About.Count > 0 && (!onlyStops || change.OnlyStops(wish))))]);

    /// <summary>The pass is over.</summary>
    public void Complete(ApplyResult result)
    {
        switch (result)
        {
            case ApplyResult.ModulesUnusable unusable:
                wishes.Reject(version, result, [.. unusable.Failures.Select(failure => failure.Service)]);
                break;
            case ApplyResult.PortsTaken taken:
                wishes.Reject(version, result, [.. taken.Conflicts.Select(conflict => conflict.Service)]);
                break;
            default:
                wishes.Answer(version, result, isOver: wish.Stack.Services.Count == 0 && wish.RemoveOrphans);
                break;
        }
    }

    /// <summary>Waits for the answers to what is being carried out, which come with its end at the latest.</summary>
    public Task WaitAsync() => _answering;

    private async Task FollowAsync(PendingChange change, PlanExecution execution, bool mayAnswer)
    {
        HashSet<string>? services = null;
        if (change.About.Count > 0)
        {
            services = wish.Needed(change.About).Union(change.Along).ToHashSet(StringComparer.Ordinal);
            change.Along = [.. change.Along, .. execution.GoAlong(services)];
        }

        var (done, isAll) = await execution.WaitForAsync(services);
        if (isAll && mayAnswer)
        {
            wishes.Answer(change, done);
        }
        else
        {
            wishes.Keep(change, done);
        }
    }
}
