namespace Wasmrun.Sandbox;

/// <summary>How one engine compiles and where it keeps compiled code.</summary>
public sealed record SandboxEngineOptions
{
    /// <summary>
    /// Folder for compiled code. It holds native code, so it is created for the user alone, and not used when others own it
    /// or may write to it. Null compiles anew in every process.
    /// </summary>
    public required string? CacheDirectory { get; init; }

    /// <summary>How much compiled code is kept, in bytes; what was not used for longest goes first.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>The clock of guests, of limits and of the cache.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told, from any thread, what went wrong without stopping anything, such as a cache folder that cannot be written.</summary>
    public Action<string> Warn { get; init; } = static _ => { };
}
