using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads <c>logging</c>.</summary>
internal sealed class LoggingReader(ValueReader values)
{
    /// <summary>Below it a file would hold hardly more than one long line.</summary>
    private const long LowestSize = 64 * 1024;

    private const int MostFiles = 1000;

    public LoggingSpec Read(MappingReader service)
    {
        var logging = service.Mapping("logging", ManifestKeys.Logging);
        return new LoggingSpec(
            logging?.Find("max_size") is { } size ? values.ByteSize(size, "'max_size'", LowestSize) : null,
            logging?.Number("max_file", 1, MostFiles));
    }
}
