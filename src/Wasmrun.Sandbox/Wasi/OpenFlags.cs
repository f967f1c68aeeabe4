namespace Wasmrun.Sandbox.Wasi;

/// <summary>What <c>path_open</c> may make or demand, with the values of preview 1's <c>oflags</c>.</summary>
[Flags]
internal enum OpenFlags : ushort
{
    None = 0,
    Create = 1 << 0,
    Directory = 1 << 1,
    Exclusive = 1 << 2,
    Truncate = 1 << 3,
    All = Create | Directory | Exclusive | Truncate,
}
