namespace Wasmrun.Sandbox.Wasi;

/// <summary>How a descriptor reads and writes, with the values of preview 1's <c>fdflags</c>.</summary>
[Flags]
internal enum FdFlags : ushort
{
    None = 0,
    Append = 1 << 0,
    DataSync = 1 << 1,
    NonBlock = 1 << 2,
    ReadSync = 1 << 3,
    Sync = 1 << 4,

    /// <summary>Those that stay as they were when the file was opened.</summary>
    Fixed = DataSync | ReadSync | Sync,
    All = Append | DataSync | NonBlock | ReadSync | Sync,
}
