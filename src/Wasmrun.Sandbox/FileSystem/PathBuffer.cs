using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// Space on the stack for a path as the kernel takes it, with a NUL at its end. Whoever hands a path on has looked at it before; what does
/// not fit is refused here all the same, because behind the space lies the runner's own stack.
/// </summary>
internal static unsafe class PathBuffer
{
    /// <summary>Room for the longest path and its NUL.</summary>
    public const int Size = GuestPath.MaxLength + 1;

    /// <summary>Copies a path into a buffer.</summary>
    /// <param name="buffer">Space of <see cref="Size"/>.</param>
    public static Errno Fill(byte* buffer, ReadOnlySpan<byte> path)
    {
        if (path.Length >= Size)
        {
            return Errno.ENAMETOOLONG;
        }

        path.CopyTo(new Span<byte>(buffer, Size));
        buffer[path.Length] = 0;
        return Errno.None;
    }
}
