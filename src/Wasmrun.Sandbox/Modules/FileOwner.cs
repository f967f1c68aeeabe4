using System.Runtime.InteropServices;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Whether a file or folder belongs to the user of this process and to nobody else's writing. Owners are known on Linux;
/// elsewhere permissions alone count, which the secret beside the cache backs up: others cannot read it, so they cannot seal.
/// </summary>
internal static unsafe partial class FileOwner
{
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode OthersAny = OthersWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const uint WantMode = 0x2;
    private const uint WantOwner = 0x8;

    /// <summary>Null when the folder is ours alone to write, else why not.</summary>
    public static string? FolderProblem(string path) => Problem(CurrentFolder, path, OthersWrite, "may be written by others");

    /// <summary>Null when the open file is ours alone to write, else why not.</summary>
    public static string? FileProblem(SafeHandle file) => OfHandle(file, OthersWrite, "may be written by others");

    /// <summary>Null when the open file is ours alone to read and write, else why not.</summary>
    public static string? SecretProblem(SafeHandle file) => OfHandle(file, OthersAny, "may be read or written by others");

    private static string? OfHandle(SafeHandle file, UnixFileMode forbidden, string problem)
    {
        var added = false;
        try
        {
            file.DangerousAddRef(ref added);
            return Problem((int)file.DangerousGetHandle(), string.Empty, forbidden, problem);
        }
        finally
        {
            if (added)
            {
                file.DangerousRelease();
            }
        }
    }

    private static string? Problem(int fd, string path, UnixFileMode forbidden, string problem)
    {
        if (!OperatingSystem.IsLinux())
        {
            return path.Length > 0 && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & forbidden) != UnixFileMode.None ? problem : null;
        }

        FileStatus status;
        if (GetStatus(fd, path, path.Length == 0 ? EmptyPath : 0, WantMode | WantOwner, &status) != 0)
        {
            return $"cannot be looked at ({Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())})";
        }

        if (status.Owner != CurrentUser())
        {
            return $"belongs to another user (uid {status.Owner})";
        }

        return ((UnixFileMode)status.Mode & forbidden) != UnixFileMode.None ? problem : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, FileStatus* status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint CurrentUser();

    /// <summary>The beginning of the kernel's <c>struct statx</c>, which is 256 bytes on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
