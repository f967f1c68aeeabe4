using System.Runtime.InteropServices;

namespace Wasmrun.Control.Folders;

/// <summary>Who runs this process, and who owns a file: the two questions about ownership that the class library does not answer.</summary>
internal static unsafe partial class Libc
{
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const uint TypeModeAndUser = 0x1 | 0x2 | 0x8;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint GetEffectiveUserId();

    /// <summary>Looks at the file itself, never at what a link points to. False when it cannot be looked at.</summary>
    internal static bool TryStat(string path, out FileStatus status)
    {
        if (!OperatingSystem.IsLinux())
        {
            return TryStatPortably(path, out status);
        }

        Statx raw;
        if (StatxCall(CurrentFolder, path, DoNotFollow, TypeModeAndUser, &raw) != 0)
        {
            status = default;
            return false;
        }

        status = new FileStatus(raw.UserId, (raw.Mode & 0xF000) == 0x4000, (raw.Mode & 0xF000) == 0xA000, (UnixFileMode)(raw.Mode & 0xFFF));
        return true;
    }

    /// <summary>Without a call of one layout on all systems, ownership shows in being allowed to set the mode.</summary>
    private static bool TryStatPortably(string path, out FileStatus status)
    {
        status = default;
        var info = new FileInfo(path);
        try
        {
            if (info.LinkTarget is not null)
            {
                status = new FileStatus(GetEffectiveUserId(), IsDirectory: false, IsLink: true, default);
                return true;
            }

            if (!info.Attributes.HasFlag(FileAttributes.Directory))
            {
                status = new FileStatus(GetEffectiveUserId(), IsDirectory: false, IsLink: false, default);
                return info.Exists;
            }

            var mode = File.GetUnixFileMode(path);
            File.SetUnixFileMode(path, mode);
            status = new FileStatus(GetEffectiveUserId(), IsDirectory: true, IsLink: false, mode);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxCall(int folder, string path, int flags, uint mask, Statx* result);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(20)]
        public uint UserId;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
