using Wasmrun.Network;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>What the system interface of one instance is made from.</summary>
internal sealed record WasiOptions
{
    /// <summary>The guest's <c>argv</c>, the program's own name first.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyList<GuestMount> Mounts { get; init; } = [];

    public required NetworkNamespace Network { get; init; }

    public required IGuestOutput Output { get; init; }

    /// <summary>A kernel descriptor the guest reads as its standard input; it stays the caller's. Null is an empty one.</summary>
    public int? StandardInput { get; init; }

    /// <summary>How many descriptors may be open at once; one more answers EMFILE.</summary>
    public int DescriptorLimit { get; init; } = 1024;

    /// <summary>How much memory the guest may have, and with it what the host does for it.</summary>
    public long MemoryLimit { get; init; } = long.MaxValue;

    /// <summary>The guest's clocks, but for processor time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How paths in mounted folders of the host are resolved.</summary>
    public IPathResolver Resolver { get; init; } = PathResolvers.Default;

    public StopSignal Stop => Network.Stop;
}
