using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads <c>deploy.resources.limits</c>.</summary>
internal sealed class LimitsReader(ValueReader values)
{
    /// <summary>One page of WebAssembly memory: below it nothing can start.</summary>
    private const long LowestMemory = 64 * 1024;

    private const double MostCpus = 1024;

    /// <summary>The standard streams, the mounts, and a few files and sockets.</summary>
    private const int LeastDescriptors = 16;

    private const int MostDescriptors = 65536;

    /// <summary>Bytes per second.</summary>
    private const long LowestRate = 1024;

    public LimitsSpec Read(MappingReader? deploy)
    {
        var limits = deploy?.Mapping("resources", ManifestKeys.Resources)?.Mapping(
            "limits", ManifestKeys.Limits);
        return new LimitsSpec(
            limits?.Find("memory") is { } memory ? values.ByteSize(memory, "'memory'", LowestMemory) : null,
            limits?.Find("cpus") is { } cpus ? values.Share(cpus, "'cpus'", MostCpus) : null,
            limits?.Number("descriptors", LeastDescriptors, MostDescriptors),
            limits?.Find("output_rate") is { } rate ? values.ByteSize(rate, "'output_rate'", LowestRate) : null);
    }
}
