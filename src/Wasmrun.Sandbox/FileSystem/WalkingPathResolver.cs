using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>Resolves paths one component at a time, where the kernel cannot do it at once.</summary>
internal sealed unsafe class WalkingPathResolver : IPathResolver
{
    [SkipLocalsInit]
    public Errno Open(int folder, byte* path, HostOpenFlags flags, out int fd)
    {
        Span<byte> text = stackalloc byte[PathText.Size];
        Span<int> folders = stackalloc int[FolderStack.MaxDepth];
        using var walk = new PathWalk(folder, folders, text);
        fd = -1;
        return walk.TryBegin(path) ? walk.Open(flags | HostOpenFlags.CloseOnExec, out fd) : Errno.ENAMETOOLONG;
    }
}
