namespace Wasmrun.Sandbox.FileSystem;

/// <summary>Flags of <c>open</c> and its kin. Those that differ between processors are in <see cref="Libc"/>.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/open.2.html"/>
[Flags]
internal enum HostOpenFlags
{
    ReadOnly = 0,
    WriteOnly = 0x1,
    ReadWrite = 0x2,
    Create = 0x40,
    Exclusive = 0x80,
    NoTerminal = 0x100,
    Truncate = 0x200,
    Append = 0x400,
    NonBlock = 0x800,
    DataSync = 0x1000,
    CloseOnExec = 0x80000,
    Sync = DataSync | FileSync,
    FileSync = 0x100000,
    PathOnly = 0x200000,
}
