using System.Text.Json.Serialization;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Control.Api;

/// <summary>
/// What there is to tell of an instance that runs once, in the order in which it happens: its name, its output, and what became of it. The
/// last one is <see cref="Answered"/> or <see cref="Ended"/>.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Begun), "begun")]
[JsonDerivedType(typeof(Printed), "printed")]
[JsonDerivedType(typeof(Answered), "answered")]
[JsonDerivedType(typeof(Ended), "ended")]
public abstract record OneOffNews
{
    /// <summary>It is wished for: from now on it can be stopped and killed by this name.</summary>
    public sealed record Begun(string Name) : OneOffNews;

    /// <summary>The next piece of its output; of generation 0, of its build command's.</summary>
    public sealed record Printed(LogPiece Piece) : OneOffNews;

    /// <summary>It was not begun: why, or what would be done.</summary>
    /// <param name="EndsRunner">The runner has nothing to run, and ends.</param>
    public sealed record Answered(ApplyReply Reply, bool EndsRunner) : OneOffNews;

    /// <summary>It is over, and removed.</summary>
    /// <param name="State">Exited; failed, when it did not come to run; stopped, when somebody stopped it or took the stack down.</param>
    /// <param name="Reason">Why, where there is something to say.</param>
    /// <param name="LastLines">For one that failed: what explains it, such as the last lines of what it depends on.</param>
    /// <param name="EventSequence">The sequence of the last event that tells of it.</param>
    /// <param name="EndsRunner">The runner has nothing left to run, and ends.</param>
    public sealed record Ended(
        ServicePhase State, int? ExitCode, string? Reason, IReadOnlyList<string> LastLines, long EventSequence, bool EndsRunner) : OneOffNews;
}
