using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Reconciliation;

/// <summary>
/// One change of the wish, from the moment somebody asked for it until it has its answer and nothing stands against it any more: what
/// it makes of a wish, which services it is about, and what has come of it.
/// </summary>
/// <param name="Make">Given a wish; gives the next, or an answer.</param>
/// <param name="About">The services that the change is about; empty means all.</param>
internal sealed record PendingChange(Func<StackWish?, (StackWish? Next, ApplyResult? Answer)> Make, IReadOnlyList<string> About)
{
    private readonly TaskCompletionSource<ApplyResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<string> _started = [];

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

    /// <summary>Answers, unless it has its answer. What others have stopped since, or are about to, is not as it was to be.</summary>
    /// <param name="present">The wish as it is by now.</param>
    public void Resolve(ApplyResult result, StackWish? present) => _answer.TrySetResult(result is ApplyResult.Applied applied ? Judge(applied, present) : result);

    /// <summary>Answers if nothing is left of what it wanted of its services.</summary>
    public void ResolveIfOverruled(StackWish present)
    {
        if (About.Count > 0 && _started.Count > 0 && !_started.Any(present.IsToRun))
        {
            _answer.TrySetResult(Overruled());
        }
    }

    public void Fault(Exception mistake) => _answer.TrySetException(mistake);

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
