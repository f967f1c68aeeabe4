using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Execution;

namespace Wasmrun.Reconciliation;

/// <summary>
/// One change of the wish, from the moment somebody asked for it until it has its answer and nothing stands against it any more: what
/// it makes of a wish, which services it is about, and what has come of it.
/// </summary>
/// <param name="make">Given a wish; gives the next, or an answer.</param>
/// <param name="about">The services that the change is about; empty means all.</param>
internal sealed class PendingChange(Func<StackWish?, (StackWish? Next, ApplyResult? Answer)> make, IReadOnlyList<string> about)
{
    private readonly TaskCompletionSource<ApplyResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<string> _started = [];

    /// <summary>What passes that were interrupted have done of it.</summary>
    private ApplyResult.Applied? _done;

    /// <summary>Given a wish; gives the next, or an answer.</summary>
    public Func<StackWish?, (StackWish? Next, ApplyResult? Answer)> Make { get; } = make;

    /// <summary>The services that the change is about; empty means all.</summary>
    public IReadOnlyList<string> About { get; } = about;

    /// <summary>The version of the wish that it made first.</summary>
    public long Version { get; private set; }

    /// <summary>What has come of it.</summary>
    public Task<ApplyResult> Answer => _answer.Task;

    public bool IsAnswered => _answer.Task.IsCompleted;

    /// <summary>
    /// The services to which something happens only because of it, so far: a pass that follows an interrupted one does not know any
    /// more why it finishes with them.
    /// </summary>
    public IReadOnlyList<string> Along { get; set; } = [];

    /// <summary>Takes note of the wish that it made.</summary>
    public void Made(long version, StackWish wish)
    {
        Version = version;
        _started = [.. (About.Count > 0 ? About : wish.Services.Keys).Where(name => wish.IsToRun(name) && !OneOffWishes.Includes(wish, name))];
    }

    /// <summary>Whether what happens to these services is a matter of it: those it is about and, if they are to run, what they depend on.</summary>
    public bool Concerns(StackWish wish, IEnumerable<string> services) => About.Count == 0 || wish.Needed(About).Overlaps(services);

    /// <summary>Whether it only wants services to stop, under a wish that still says so.</summary>
    public bool OnlyStops(StackWish wish) =>
        About.Count > 0 && About.All(name => wish.Services.GetValueOrDefault(name) is null or { Target: ServiceTarget.Stopped });

    /// <summary>Keeps in mind what a pass has done of it that was interrupted.</summary>
    public void Keep(ApplyResult.Applied done) => _done = After(done);

    /// <summary>Answers, unless it has its answer. What others have stopped since, or are about to, is not as it was to be.</summary>
    /// <param name="present">The wish as it is by now.</param>
    public void Resolve(ApplyResult result, StackWish? present) => _answer.TrySetResult(result is ApplyResult.Applied applied ? Judge(After(applied), present) : result);

    /// <summary>Answers if nothing is left of what it wanted of its services.</summary>
    public void ResolveIfOverruled(StackWish present)
    {
        if (About.Count > 0 && _started.Count > 0 && !_started.Any(present.IsToRun))
        {
            _answer.TrySetResult(Overruled());
        }
    }

    public void Fault(Exception mistake) => _answer.TrySetException(mistake);

    /// <summary>What was done in all; that a service has failed does not count when something was done to it once more.</summary>
    private ApplyResult.Applied After(ApplyResult.Applied latest)
    {
        if (_done is not { } earlier)
        {
            return latest;
        }

        var steps = latest.Plan.Actions.Select(action => action.Id).ToHashSet(StringComparer.Ordinal);
        var touched = latest.Plan.Actions.Select(PlanScope.ServiceOf).ToHashSet(StringComparer.Ordinal);
        return new(
            latest.Plan with { Actions = [.. earlier.Plan.Actions.Where(action => !steps.Contains(action.Id)), .. latest.Plan.Actions] },
            [.. earlier.Failures.Where(failure => !touched.Contains(failure.Service)), .. latest.Failures]);
    }

    private ApplyResult Judge(ApplyResult.Applied applied, StackWish? present)
    {
        var lost = _started.Where(name => present?.IsToRun(name) != true).ToList();
        return lost.Count == 0 ? applied
            : lost.Count == _started.Count ? Overruled()
            : applied with { Failures = [.. applied.Failures, .. lost.Select(name => new ServiceFailure(name, "another command has stopped it meanwhile", null, []))] };
    }

    private ApplyResult.Abandoned Overruled() =>
        new($"another command has overruled this one: {string.Join(", ", _started.Select(name => $"'{name}'"))} {(_started.Count == 1 ? "is" : "are")} to be stopped");
}
