namespace Wasmrun.Planning;

/// <summary>What is to be done so that a stack becomes what is wished: a graph of steps, in an order that respects it.</summary>
/// <param name="Orphans">Services that run and that the manifest no longer declares, and that the wish leaves running.</param>
public sealed record StackPlan(IReadOnlyList<PlanAction> Actions, IReadOnlyList<string> Orphans)
{
    public static StackPlan Nothing { get; } = new([], []);

    /// <summary>The observed stack already is what is wished.</summary>
    public bool IsEmpty => Actions.Count == 0;
}
