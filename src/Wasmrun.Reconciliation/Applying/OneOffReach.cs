namespace Wasmrun.Reconciliation.Applying;

/// <summary>How far a change of the wish for services concerns the instances that run once beside them.</summary>
public enum OneOffReach
{
    /// <summary>Not at all: it makes no sense for them, and naming one is refused.</summary>
    None,

    /// <summary>Only those that are named.</summary>
    Named,

    /// <summary>All of them when no service is named.</summary>
    All,
}
