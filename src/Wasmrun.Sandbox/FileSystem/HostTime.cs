using System.Runtime.InteropServices;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>The kernel's <c>struct timespec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HostTime
{
    /// <summary>In the nanoseconds: take the time of the call.</summary>
    public const long Now = 0x3fff_ffff;

    /// <summary>In the nanoseconds: leave the time alone.</summary>
    public const long Omit = 0x3fff_fffe;

    private const ulong PerSecond = 1_000_000_000;

    public long Seconds;
    public long Nanoseconds;

    public readonly ulong ToNanoseconds() => Seconds < 0 ? 0 : ((ulong)Seconds * PerSecond) + (ulong)Nanoseconds;

    public static HostTime FromNanoseconds(ulong nanoseconds) =>
        new() { Seconds = (long)(nanoseconds / PerSecond), Nanoseconds = (long)(nanoseconds % PerSecond) };
}
