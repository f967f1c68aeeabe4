using System.Runtime.InteropServices;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>What a guest is told about a file, laid out as preview 1's <c>filestat</c>. Times are nanoseconds since 1970.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct FileStatus
{
    [FieldOffset(0)]
    public ulong Device;

    [FieldOffset(8)]
    public ulong Inode;

    [FieldOffset(16)]
    public FileType Type;

    [FieldOffset(24)]
    public ulong Links;

    [FieldOffset(32)]
    public ulong Size;

    [FieldOffset(40)]
    public ulong AccessTime;

    [FieldOffset(48)]
    public ulong ModifyTime;

    [FieldOffset(56)]
    public ulong ChangeTime;
}
