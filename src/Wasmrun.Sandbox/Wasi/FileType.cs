namespace Wasmrun.Sandbox.Wasi;

/// <summary>What a descriptor or a directory entry is, with the values of preview 1's <c>filetype</c>.</summary>
internal enum FileType : byte
{
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    DatagramSocket = 5,
    StreamSocket = 6,
    SymbolicLink = 7,
}
