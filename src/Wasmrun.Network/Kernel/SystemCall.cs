using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// The system calls that are made for every chunk of data, without what the C library does around its own in a program of many threads (they are
/// cancellation points) and without a last error kept for each thread. When the kernel has copied a chunk, none of that code is in the processor's first
/// cache any more. Those that never wait are made without a word to the garbage collector too.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/syscall.2.html"/>
internal static unsafe partial class SystemCall
{
    // The numbers of asm/unistd_64.h; all newer systems have those of asm-generic/unistd.h.
    private static nint ReceiveNumber => IsX64 ? 45 : 207;

    private static nint SendNumber => IsX64 ? 44 : 206;

    private static nint EpollWaitNumber => IsX64 ? 281 : 22;

    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Receives what is there, without waiting for it.</summary>
    /// <returns>The number of bytes, 0 for the end of a stream, or an <see cref="Errno"/>, negated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static nint Receive(int fd, void* buffer, nuint length, int flags) =>
        Result(Transfer(ReceiveNumber, fd, buffer, length, flags | Libc.MsgDontWait, 0, 0));

    /// <summary>Sends what there is room for, without waiting for more.</summary>
    /// <returns>The number of bytes, or an <see cref="Errno"/>, negated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static nint Send(int fd, void* buffer, nuint length) =>
        Result(Transfer(SendNumber, fd, buffer, length, Libc.MsgNoSignal | Libc.MsgDontWait, 0, 0));

    /// <summary>Waits for members of an epoll set that is the caller's own, so that only a signal can end it early.</summary>
    /// <param name="timeoutMilliseconds">Negative waits for ever, zero only looks.</param>
    /// <returns>How many are ready; 0 when the time is over, and also after a signal.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int EpollWait(int set, byte* ready, int capacity, int timeoutMilliseconds) =>
        (int)Math.Max(0, Wait(EpollWaitNumber, set, ready, capacity, timeoutMilliseconds, 0, 0));

    private static nint Result(nint result) => result >= 0 ? result : -*ErrorNumber();

    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Transfer(nint number, nint fd, void* buffer, nuint length, nint flags, nint address, nint addressLength);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Wait(nint number, nint set, byte* ready, nint capacity, nint timeoutMilliseconds, nint signalMask, nint maskSize);

    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "__errno_location")]
    private static partial int* ErrorNumber();
}
