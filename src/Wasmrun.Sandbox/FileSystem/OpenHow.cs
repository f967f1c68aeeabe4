using System.Runtime.InteropServices;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>The kernel's <c>struct open_how</c>.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/openat2.2.html"/>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    /// <summary>No link that the kernel makes up, such as those of <c>/proc</c>, is followed.</summary>
    public const ulong NoMagicLinks = 0x02;

    /// <summary>Nothing on the way, link or dots, may lead above the folder that the path begins in.</summary>
    public const ulong Beneath = 0x08;

    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;
}
