namespace Wasmrun.Manifest.Specs;

/// <summary>Upper bounds of one instance; null is unlimited.</summary>
/// <param name="MemoryBytes">Linear memory in bytes.</param>
/// <param name="Cpus">Share of one core: 0.5 is half a core.</param>
/// <param name="Descriptors">Files, folders and sockets open at once; null is what an instance usually has.</param>
/// <param name="OutputRate">Bytes of standard output and standard error together per second.</param>
public sealed record LimitsSpec(long? MemoryBytes, double? Cpus, int? Descriptors = null, long? OutputRate = null)
{
    public static LimitsSpec None { get; } = new(null, null);
}
