namespace Wasmrun.Tests.Reconciliation.Sequences;

/// <summary>One thing that happens to a stack.</summary>
/// <param name="Service">The service it is about, as an index.</param>
/// <param name="Replicas">For a scale how many, otherwise which one.</param>
/// <param name="Declared">For a manifest: the services it declares, as bits.</param>
/// <param name="Variant">For a manifest: what it says about them.</param>
/// <param name="IsHurried">The next step comes before this one has had its effect.</param>
internal readonly record struct Step(StepKind Kind, int Service, int Replicas, int Declared, int Variant, bool IsHurried);

internal enum StepKind
{
    Apply,
    Start,
    Restart,
    Scale,
    Stop,
    Kill,
    Crash,
    Trap,
    Hang,
    Unhealthy,
    BadSwap,
    KillRunner,
}
