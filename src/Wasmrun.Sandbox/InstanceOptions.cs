using Wasmrun.Network;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox;

/// <summary>
/// What one instance is given: everything a guest can see or reach is in here, and what is not listed does not exist for it.
/// </summary>
public sealed record InstanceOptions
{
    /// <summary>Names the instance's thread and its messages, such as <c>web-1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The guest's <c>argv</c>, the program's own name first.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyList<GuestMount> Mounts { get; init; } = [];

    /// <summary>The instance's network and stop signal. The owner disposes it, after the instance has ended.</summary>
    public required NetworkNamespace Network { get; init; }

    public required IGuestOutput Output { get; init; }

    /// <summary>A kernel descriptor that the guest reads as its standard input; it stays the caller's. Null is an empty one.</summary>
    public int? StandardInput { get; init; }

    public InstanceLimits Limits { get; init; } = new();

    /// <summary>Makes what runs a guest whose module is a library; null runs its start function.</summary>
    public Func<IGuestDriver>? Driver { get; init; }

    /// <summary>The parts of the module that are loaded when they are first called; none for a module that is whole.</summary>
    public IReadOnlyList<FarCode> Far { get; init; } = [];

    /// <summary>How paths in mounted folders are resolved; null is as the machine does it best. For tests of the other ways.</summary>
    internal IPathResolver? Resolver { get; init; }
}
