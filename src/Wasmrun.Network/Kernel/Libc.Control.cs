using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>What can be asked of a descriptor beside its data; the numbers are Linux's, equal on x64 and arm64.</summary>
internal static unsafe partial class Libc
{
    internal const nuint QueryReadable = 0x541b;

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(int fd, nuint request, int* argument);
}
