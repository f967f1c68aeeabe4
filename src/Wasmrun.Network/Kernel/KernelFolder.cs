using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Wasmrun.Network.Kernel;

/// <summary>Folders as the sockets between services need them: private, and reachable by a short path.</summary>
internal static unsafe class KernelFolder
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes a folder that nobody but the user can enter, unless it is there already.</summary>
    public static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // Below the user's own profile, where the runtime directory is, access is the user's alone by inheritance.
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OnlyOwner);
        }
    }

    /// <summary>Opens a folder to name files in it, not to read it.</summary>
    /// <exception cref="IOException">The folder cannot be opened.</exception>
    public static SafeFileHandle Open(string path)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var fd = Libc.Open(bytes, Libc.OpenPath | Libc.OpenCloseOnExec);
            return fd < 0 ? throw new IOException($"cannot open {path}: {Libc.LastError}") : new SafeFileHandle(fd, ownsHandle: true);
        }
    }
}
