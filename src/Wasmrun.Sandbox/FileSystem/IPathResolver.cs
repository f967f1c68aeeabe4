using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// Opens what a guest's path names without ever leaving the folder the path begins in, whatever dots and links it meets
/// and whoever changes them meanwhile. The kernel does this where it can, and a walk of our own where it cannot.
/// </summary>
internal unsafe interface IPathResolver
{
    /// <summary>Opens a path as <c>openat</c> does. A path that would lead out of the folder answers EPERM.</summary>
    /// <param name="folder">A descriptor of the folder.</param>
    /// <param name="path">Ends with NUL.</param>
    /// <param name="fd">The descriptor, which is the caller's and not inherited by other programs.</param>
    Errno Open(int folder, byte* path, HostOpenFlags flags, out int fd);
}
