using System.Text.Unicode;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// A path as a guest gives it: bytes in its memory, checked before anything is done with them. An instance has one thread,
/// so they do not change under the call. An absolute path is no path of a folder, and refused.
/// </summary>
internal static class GuestPath
{
    /// <summary>The longest path in bytes; the kernel's bound counts the NUL at the end.</summary>
    public const int MaxLength = 4095;

    public static WasiErrno Read(GuestMemory memory, uint address, uint length, out ReadOnlySpan<byte> path)
    {
        path = default;
        if (length > MaxLength)
        {
            return WasiErrno.ENAMETOOLONG;
        }

        path = memory.Bytes(address, length);
        return path switch
        {
            [] => WasiErrno.ENOENT,
            [(byte)'/', ..] => WasiErrno.EPERM,
            _ when path.Contains((byte)0) => WasiErrno.EINVAL,
            _ when !Utf8.IsValid(path) => WasiErrno.EILSEQ,
            _ => WasiErrno.None,
        };
    }

    /// <summary>Whether the last thing that a path does is to go up a folder.</summary>
    public static bool EndsAbove(ReadOnlySpan<byte> path) =>
        path.TrimEnd((byte)'/') is [(byte)'.', (byte)'.'] or [.., (byte)'/', (byte)'.', (byte)'.'];
}
