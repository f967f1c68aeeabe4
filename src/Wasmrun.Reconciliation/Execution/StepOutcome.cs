using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Reconciliation.Execution;

/// <summary>What became of a step.</summary>
/// <param name="Blocks">Why the steps after it cannot be carried out.</param>
internal sealed record StepOutcome(ServiceFailure? Failure, string? Blocks)
{
    /// <summary>The wish changed before.</summary>
    public static StepOutcome NotDone { get; } = new(null, null) { IsDone = false };

    /// <summary>None of the steps that it goes with succeeded.</summary>
    public static StepOutcome LeftOut { get; } = new(null, null) { IsDone = false, IsLeftOut = true };

    public bool IsDone { get; private init; } = true;

    public bool IsLeftOut { get; private init; }

    public bool Succeeded => IsDone && Failure is null;
}
