namespace Wasmrun.Manifest.Specs;

/// <summary>Upper bounds of one instance; null is unlimited.</summary>
/// <param name="MemoryBytes">Linear memory in bytes.</param>
/// <param name="Cpus">Share of one core: 0.5 is half a core.</param>
public sealed record LimitsSpec(long? MemoryBytes, double? Cpus)
{
    public static LimitsSpec None { get; } = new(null, null);
}
