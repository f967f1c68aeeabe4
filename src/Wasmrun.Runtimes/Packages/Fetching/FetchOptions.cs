namespace Wasmrun.Runtimes.Packages.Fetching;

/// <summary>How patiently packages are fetched.</summary>
internal sealed record FetchOptions(TimeProvider Time)
{
    /// <summary>How often an attempt that may succeed later is repeated.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The pause before the first repetition; each further one is twice as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause that a registry may ask for.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a server may be silent.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);
}
