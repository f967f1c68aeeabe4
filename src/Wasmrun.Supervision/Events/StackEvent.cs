namespace Wasmrun.Supervision.Events;

/// <summary>One thing that happened to a stack: the single source of state lines, of the runner's log and of <c>events</c>.</summary>
/// <param name="Sequence">Counts from 1 within the run of one runner, without gaps.</param>
/// <param name="Service">The service concerned, or null when the whole stack is.</param>
/// <param name="Instance">The instance concerned, <c>web-1</c>, or null.</param>
/// <param name="Generation">Which start of the instance, counting from 1; 0 when no instance is concerned.</param>
/// <param name="Cause">Why it happened, as a sentence fragment for people.</param>
/// <param name="Attributes">What a program may want to know: <c>exitCode</c>, <c>delay</c>, <c>port</c> and the like.</param>
public sealed record StackEvent(
    long Sequence,
    DateTimeOffset Time,
    string Project,
    string? Service,
    string? Instance,
    int Generation,
    StackEventKind Kind,
    string Cause,
    IReadOnlyDictionary<string, string> Attributes);
