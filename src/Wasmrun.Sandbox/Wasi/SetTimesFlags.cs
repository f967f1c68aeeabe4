namespace Wasmrun.Sandbox.Wasi;

/// <summary>Which times a call sets and from where, with the values of preview 1's <c>fstflags</c>.</summary>
[Flags]
internal enum SetTimesFlags : ushort
{
    None = 0,
    Access = 1 << 0,
    AccessNow = 1 << 1,
    Modify = 1 << 2,
    ModifyNow = 1 << 3,
    All = Access | AccessNow | Modify | ModifyNow,
}
