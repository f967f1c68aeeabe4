namespace Wasmrun.Manifest.Specs;

/// <summary>How much of an instance's output is kept on disk; null is what the runner usually keeps.</summary>
/// <param name="MaxSize">Bytes of one file.</param>
/// <param name="MaxFile">Number of files; the oldest goes first.</param>
public sealed record LoggingSpec(long? MaxSize, int? MaxFile)
{
    public static LoggingSpec Usual { get; } = new(null, null);
}
