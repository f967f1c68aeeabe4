namespace Wasmrun.Runtimes.Packages;

/// <summary>A package cannot be had; the message says which, from where, why, and what to do.</summary>
public sealed class PackageFetchException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the same attempt may succeed a little later.</summary>
    internal bool IsPassing { get; init; }

    /// <summary>How long the registry asks to wait before the next attempt.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}
