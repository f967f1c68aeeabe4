namespace Wasmrun.Supervision.Logs;

/// <summary>How much of a service's output is kept.</summary>
/// <param name="MaxSize">Bytes of one file.</param>
/// <param name="MaxFile">Number of files; the oldest goes first.</param>
/// <param name="RingBytes">Bytes kept in memory for those who follow.</param>
public sealed record LogLimits(long MaxSize, int MaxFile, int RingBytes)
{
    public static LogLimits Default { get; } = new(10 * 1024 * 1024, 3, 1024 * 1024);
}
