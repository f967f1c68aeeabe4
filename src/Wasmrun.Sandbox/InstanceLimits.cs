namespace Wasmrun.Sandbox;

/// <summary>
/// What one instance may use. Reaching a limit is the guest's problem alone: it gets an error, waits, or ends; the runner
/// and the other instances do not notice.
/// </summary>
public sealed record InstanceLimits
{
    public const int UsualDescriptors = 1024;

    /// <summary>Largest linear memory in bytes; growing beyond it fails in the guest. Null leaves the 4 GiB that WebAssembly can address.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Share of a processor core: 0.5 is half a core. Null, or 1 and more, does not hold the guest back: it has one thread.</summary>
    public double? Cpus { get; init; }

    /// <summary>Files, folders, pipes and sockets open at once; one more answers EMFILE.</summary>
    public int Descriptors { get; init; } = UsualDescriptors;

    /// <summary>Bytes of standard output and standard error together per second, after a burst of the same size. Null is unbounded.</summary>
    public long? OutputBytesPerSecond { get; init; }
}
