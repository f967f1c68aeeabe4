using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// Has the kernel resolve paths, with <c>openat2</c>: it alone sees a whole path at once and cannot be raced. When files
/// are renamed so fast that it gives up, the walk takes over, which needs no luck.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/openat2.2.html"/>
internal sealed unsafe class KernelPathResolver(IPathResolver fallback) : IPathResolver
{
    private const nint OpenAt2 = 437;
    private const int MaxAttempts = 32;

    /// <summary>Whether this kernel has the call, and nothing such as a seccomp filter forbids it.</summary>
    public static bool IsAvailable { get; } = Probe();

    public Errno Open(int folder, byte* path, HostOpenFlags flags, out int fd)
    {
        var how = new OpenHow
        {
            Flags = (uint)(flags | HostOpenFlags.CloseOnExec),
            Mode = flags.HasFlag(HostOpenFlags.Create) ? HostMount.FileMode : 0,
            Resolve = OpenHow.Beneath | OpenHow.NoMagicLinks,
        };
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            fd = (int)Libc.OpenAt2(OpenAt2, folder, path, &how, sizeof(OpenHow));
            var outcome = fd >= 0 ? Errno.None : Libc.LastError;
            if (outcome is not (Errno.EAGAIN or Errno.EINTR))
            {
                return outcome == Errno.EXDEV ? Errno.EPERM : outcome;
            }
        }

        return fallback.Open(folder, path, flags, out fd);
    }

    private static bool Probe()
    {
        var path = stackalloc byte[] { (byte)'/', 0 };
        var how = new OpenHow { Flags = (uint)(HostOpenFlags.PathOnly | HostOpenFlags.CloseOnExec) };
        var fd = (int)Libc.OpenAt2(OpenAt2, 0, path, &how, sizeof(OpenHow));
        if (fd >= 0)
        {
            _ = Libc.Close(fd);
        }

        return fd >= 0;
    }
}
