using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>Linux's epoll, which gathers many descriptors under one that can itself be polled.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man7/epoll.7.html"/>
internal static unsafe partial class Libc
{
    internal const int EpollCloseOnExec = 0x80000;
    internal const int EpollAdd = 1;
    internal const int EpollDelete = 2;
    internal const uint EpollIn = 0x1;
    internal const uint EpollEdge = 1u << 31;

    /// <summary>Where in a <c>struct epoll_event</c> the key is: it is packed on x64 and nowhere else.</summary>
    internal static readonly int EpollKeyOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    internal static readonly int EpollRecordSize = EpollKeyOffset + sizeof(ulong);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int EpollControl(int set, int operation, int fd, byte* registration);
}
