using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>What everything opened below one mounted folder of the host shares, and by which it is known to be of the same mount.</summary>
internal sealed class HostMount(bool readOnly, IPathResolver resolver, StopSignal stop)
{
    /// <summary>Permissions of a file the guest makes, before the runner's umask.</summary>
    public const uint FileMode = 0x1b6; // rw-rw-rw-

    /// <summary>Permissions of a folder the guest makes, before the runner's umask.</summary>
    public const uint FolderMode = 0x1ff; // rwxrwxrwx

    public bool ReadOnly { get; } = readOnly;

    public IPathResolver Resolver { get; } = resolver;

    public StopSignal Stop { get; } = stop;
}
