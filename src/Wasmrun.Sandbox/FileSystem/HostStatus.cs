using System.Runtime.InteropServices;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>What the kernel tells about a file: its <c>struct statx</c>, as far as a guest is told.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/statx.2.html"/>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct HostStatus
{
    /// <summary>Asks for everything that <c>stat</c> has.</summary>
    public const uint BasicMask = 0x7ff;

    /// <summary>Asks for the kind of file alone.</summary>
    public const uint TypeMask = 0x1;

    [FieldOffset(16)]
    private readonly uint _links;

    [FieldOffset(28)]
    private readonly ushort _mode;

    [FieldOffset(32)]
    private readonly ulong _inode;

    [FieldOffset(40)]
    private readonly ulong _size;

    [FieldOffset(64)]
    private readonly StatusTime _accessTime;

    [FieldOffset(96)]
    private readonly StatusTime _changeTime;

    [FieldOffset(112)]
    private readonly StatusTime _modifyTime;

    [FieldOffset(136)]
    private readonly uint _deviceMajor;

    [FieldOffset(140)]
    private readonly uint _deviceMinor;

    public readonly FileType Type => TypeOf(_mode >> 12);

    public readonly FileStatus ToGuest() => new()
    {
        Device = ((ulong)_deviceMajor << 32) | _deviceMinor,
        Inode = _inode,
        Type = Type,
        Links = _links,
        Size = _size,
        AccessTime = _accessTime.ToNanoseconds(),
        ModifyTime = _modifyTime.ToNanoseconds(),
        ChangeTime = _changeTime.ToNanoseconds(),
    };

    /// <summary>Translates the kernel's type of a directory entry, which is that of a file mode without its permission bits.</summary>
    public static FileType TypeOf(int type) => type switch
    {
        0x2 => FileType.CharacterDevice,
        0x4 => FileType.Directory,
        0x6 => FileType.BlockDevice,
        0x8 => FileType.RegularFile,
        0xa => FileType.SymbolicLink,
        0xc => FileType.StreamSocket,
        _ => FileType.Unknown,
    };

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct StatusTime
    {
        private readonly long _seconds;
        private readonly uint _nanoseconds;
        private readonly int _reserved;

        public ulong ToNanoseconds() => new HostTime { Seconds = _seconds, Nanoseconds = _nanoseconds }.ToNanoseconds();
    }
}
