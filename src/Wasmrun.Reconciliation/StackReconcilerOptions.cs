namespace Wasmrun.Reconciliation;

/// <summary>How the loop keeps time.</summary>
public sealed record StackReconcilerOptions
{
    /// <summary>How often the stack is looked at although nobody wished anything new.</summary>
    public TimeSpan Resync { get; init; } = TimeSpan.FromSeconds(30);
}
