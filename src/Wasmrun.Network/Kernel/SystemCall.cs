using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// The system calls that are made for every chunk of data, without what the C library does around its own in a program of many threads (they are
/// cancellation points) and without a last error kept for each thread. When the kernel has copied a chunk, none of that code is in the processor's first
/// cache any more. Those that never wait are made without a word to the garbage collector too.
/// </summary>
/// <remarks>The numbers are those of <c>asm/unistd_64.h</c> of x64, and of <c>asm-generic/unistd.h</c>, which all newer architectures have.</remarks>
/// <seealso href="https://man7.org/linux/man-pages/man2/syscall.2.html"/>
internal static unsafe partial class SystemCall
{
    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Receives what is there, without waiting for it.</summary>
    /// <returns>The number of bytes, 0 for the end of a stream, or an <see cref="Errno"/>, negated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static nint Receive(int fd, void* buffer, nuint length) =>
        Result(Transfer(IsX64 ? 45 : 207, fd, buffer, length, Libc.MsgDontWait, 0, 0));

    /// <summary>Sends what there is room for, without waiting for more.</summary>
    /// <returns>The number of bytes, or an <see cref="Errno"/>, negated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static nint Send(int fd, void* buffer, nuint length) =>
        Result(Transfer(IsX64 ? 44 : 206, fd, buffer, length, Libc.MsgNoSignal | Libc.MsgDontWait, 0, 0));

    /// <summary>Waits for members of an epoll set that is the caller's own, so that only a signal can end it early.</summary>
    /// <param name="timeoutMilliseconds">Negative waits for ever, zero only looks.</param>
    /// <returns>How many are ready; 0 when the time is over, and also after a signal.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int EpollWait(int set, byte* ready, int capacity, int timeoutMilliseconds) =>
        (int)Math.Max(0, Wait(IsX64 ? 281 : 22, set, ready, capacity, timeoutMilliseconds, 0, 0));

    /// <summary>Waits for descriptors as <see cref="Libc.PPoll"/> does, and without end.</summary>
    /// <returns>How many are ready; 0 after a signal.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Poll(Libc.PollDescriptor* descriptors, int count) =>
        (int)Math.Max(0, Wait(IsX64 ? 271 : 73, descriptors, count, 0, 0, 0));

    private static nint Result(nint result) => result >= 0 ? result : -*ErrorNumber();

    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Transfer(nint number, nint fd, void* buffer, nuint length, nint flags, nint address, nint addressLength);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Wait(nint number, nint set, byte* ready, nint capacity, nint timeoutMilliseconds, nint signalMask, nint maskSize);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Wait(nint number, Libc.PollDescriptor* descriptors, nint count, nint timeout, nint signalMask, nint maskSize);

    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "__errno_location")]
    private static partial int* ErrorNumber();
}
