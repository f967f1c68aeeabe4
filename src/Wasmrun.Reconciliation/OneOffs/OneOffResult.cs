using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Reconciliation.OneOffs;

/// <summary>What became of an instance that was to run once.</summary>
public abstract record OneOffResult
{
    /// <summary>It was not begun.</summary>
    public sealed record Refused(ApplyResult Answer) : OneOffResult;

    /// <summary>It is over.</summary>
    /// <param name="State">Exited; failed, when it did not come to run; stopped, when somebody stopped it or took the stack down.</param>
    /// <param name="Reason">Why, where there is something to say.</param>
    /// <param name="LastLines">For one that failed: what explains it, such as the last lines of what it depends on.</param>
    /// <param name="EventSequence">The sequence of the last event that tells of it.</param>
    public sealed record Ended(ServicePhase State, int? ExitCode, string? Reason, IReadOnlyList<string> LastLines, long EventSequence) : OneOffResult;
}
