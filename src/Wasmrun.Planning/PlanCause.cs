namespace Wasmrun.Planning;

/// <summary>Why a step is in the plan: a kind for programs, a text for people.</summary>
public sealed record PlanCause(PlanCauseKind Kind, string Text)
{
    public override string ToString() => Text;
}

/// <summary>The kinds of reasons a step can have.</summary>
public enum PlanCauseKind
{
    /// <summary>The manifest declares it, and it is not there.</summary>
    Declared,

    /// <summary>What it was made from changed.</summary>
    Changed,

    /// <summary>Somebody asked for it.</summary>
    Asked,

    /// <summary>A service that it depends on restarts, and it wants to restart with it.</summary>
    Dependency,

    /// <summary>The manifest no longer declares it.</summary>
    Orphan,

    /// <summary>Another number of replicas is to run.</summary>
    Scale,

    /// <summary>It is there only because another step of the plan needs it.</summary>
    Needed,
}
