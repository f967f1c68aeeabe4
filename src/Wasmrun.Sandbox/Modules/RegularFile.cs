using System.Text;
using Microsoft.Win32.SafeHandles;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi;
using Libc = Wasmrun.Sandbox.FileSystem.Libc;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Opens files to read them, and nothing that only has a file's name: opening a pipe waits for somebody at its other end, and nothing could end that.
/// </summary>
internal static unsafe class RegularFile
{
    /// <summary>Opens a file. What it is, is seen before it is opened, and what was seen is opened.</summary>
    /// <returns>Null when it is a pipe, socket or device.</returns>
    /// <exception cref="IOException">It is not there, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened, or is a folder.</exception>
    public static SafeFileHandle? Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path);
        }

        fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"))
        {
            var found = Libc.Open(text, HostOpenFlags.PathOnly | HostOpenFlags.CloseOnExec, 0);
            if (found < 0)
            {
                return Explain(path);
            }

            var type = HostTransfer.TypeOf(found);
            var file = -1;
            var outcome = type == FileType.RegularFile ? HostTransfer.Reopen(found, HostOpenFlags.ReadOnly, out file) : Errno.None;
            _ = Libc.Close(found);
            return outcome != Errno.None || type == FileType.Directory ? Explain(path)
                : type == FileType.RegularFile ? new(file, ownsHandle: true)
                : null;
        }
    }

    /// <summary>Has .NET say what is wrong.</summary>
    private static SafeFileHandle Explain(string path) => File.OpenHandle(path);
}
