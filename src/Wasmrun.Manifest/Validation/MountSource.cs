using System.Runtime.InteropServices;

namespace Wasmrun.Manifest.Validation;

/// <summary>What a path of the host is to somebody who wants to mount it. Types of files are known on Linux; elsewhere whatever exists will do.</summary>
internal static unsafe partial class MountSource
{
    /// <summary>Nothing is there, or a link that leads to nothing.</summary>
    public const string Missing = "does not exist";

    private const int CurrentFolder = -100;
    private const uint WantType = 0x1;
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;
    private const int TypeMask = 0xF000;
    private const int Folder = 0x4000;
    private const int RegularFile = 0x8000;

    /// <summary>Why it cannot be mounted, as the end of a sentence; null when it can.</summary>
    public static string? Problem(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Path.Exists(path) ? null : Missing;
        }

        Status status;
        if (GetStatus(CurrentFolder, path, 0, WantType, &status) != 0)
        {
            return Marshal.GetLastPInvokeError() is NotPermitted or AccessDenied ? "may not be looked at" : Missing;
        }

        return (status.Mode & TypeMask) is Folder or RegularFile ? null : "is neither a folder nor a regular file";
    }

    /// <summary>Asks for the status of what a path leads to.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/statx.2.html"/>
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, Status* status);

    /// <summary>The beginning of the kernel's <c>struct statx</c>, which is 256 bytes on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
