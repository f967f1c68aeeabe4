using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// Moves bytes between a kernel descriptor and a guest's memory, with no copy in between. What is long goes in steps, so
/// that a stop is noticed in the middle of it.
/// </summary>
internal static unsafe class HostTransfer
{
    /// <summary>Few milliseconds' worth of copying.</summary>
    private const nuint Step = 16 << 20;

    private const int MaxDigits = 10;
    private const nuint QueryReadable = 0x541b;

    private static ReadOnlySpan<byte> ProcessLink => "/proc/self/fd/"u8;

    private delegate nint Call(int fd, IoVector* buffers, int count, long offset);

    public static Errno Read(int fd, ReadOnlySpan<IoVector> buffers, StopSignal stop, out nuint count) =>
        buffers is [{ Length: <= Step } only]
            ? Once(Libc.Read(fd, (void*)only.Base, only.Length), out count)
            : InSteps(static (fd, pieces, number, _) => Libc.ReadVectors(fd, pieces, number), fd, buffers, 0, stop, out count);

    public static Errno Write(int fd, ReadOnlySpan<IoVector> buffers, StopSignal stop, out nuint count) =>
        buffers is [{ Length: <= Step } only]
            ? Once(Libc.Write(fd, (void*)only.Base, only.Length), out count)
            : InSteps(static (fd, pieces, number, _) => Libc.WriteVectors(fd, pieces, number), fd, buffers, 0, stop, out count);

    public static Errno ReadAt(int fd, ReadOnlySpan<IoVector> buffers, long offset, StopSignal stop, out nuint count) =>
        InSteps(Libc.ReadVectorsAt, fd, buffers, offset, stop, out count);

    public static Errno WriteAt(int fd, ReadOnlySpan<IoVector> buffers, long offset, StopSignal stop, out nuint count) =>
        InSteps(Libc.WriteVectorsAt, fd, buffers, offset, stop, out count);

    /// <summary>Reads what there is, by one call: a second one could wait, and be out of a stop's reach.</summary>
    public static Errno ReadOnce(int fd, ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        nuint total = 0;
        var whole = 0;
        while (whole < buffers.Length && total + buffers[whole].Length <= Step)
        {
            total += buffers[whole++].Length;
        }

        if (total == 0 && whole < buffers.Length)
        {
            return Once(Libc.Read(fd, (void*)buffers[whole].Base, Step), out count);
        }

        fixed (IoVector* pieces = buffers)
        {
            return Once(Libc.ReadVectors(fd, pieces, whole), out count);
        }
    }

    public static Errno GetStatus(int fd, out FileStatus status)
    {
        HostStatus found;
        byte none = 0;
        var outcome = Libc.Statx(fd, &none, Libc.EmptyPath, HostStatus.BasicMask, &found) == 0 ? Errno.None : Libc.LastError;
        status = outcome == Errno.None ? found.ToGuest() : default;
        return outcome;
    }

    /// <summary>Of what kind an open file is; unknown when the kernel does not say.</summary>
    [SkipLocalsInit]
    public static FileType TypeOf(int fd)
    {
        HostStatus found;
        byte none = 0;
        return Libc.Statx(fd, &none, Libc.EmptyPath, HostStatus.TypeMask, &found) == 0 ? found.Type : FileType.Unknown;
    }

    /// <summary>Opens what a descriptor of a path alone stands for. The kernel's own link to it is not resolved again, so it cannot be raced.</summary>
    public static Errno Reopen(int pathOnly, HostOpenFlags flags, out int fd)
    {
        Span<byte> link = stackalloc byte[ProcessLink.Length + MaxDigits + 1];
        link.Clear();
        ProcessLink.CopyTo(link);
        _ = Utf8Formatter.TryFormat(pathOnly, link[ProcessLink.Length..], out _);
        fixed (byte* path = link)
        {
            fd = Libc.Open(path, flags | HostOpenFlags.CloseOnExec, 0);
            return fd < 0 ? Libc.LastError : Errno.None;
        }
    }

    /// <summary>Sets times through any descriptor, also one that stands for a path alone.</summary>
    public static Errno SetTimes(int fd, in FileTimes times)
    {
        var wanted = stackalloc HostTime[2];
        wanted[0] = Wanted(times.Access, times.Flags, SetTimesFlags.Access, SetTimesFlags.AccessNow);
        wanted[1] = Wanted(times.Modify, times.Flags, SetTimesFlags.Modify, SetTimesFlags.ModifyNow);
        byte none = 0;
        return Libc.SetTimes(fd, &none, wanted, Libc.EmptyPath) == 0 ? Errno.None : Libc.LastError;

        static HostTime Wanted(ulong time, SetTimesFlags flags, SetTimesFlags given, SetTimesFlags now) =>
            flags.HasFlag(given) ? HostTime.FromNanoseconds(time)
            : new() { Nanoseconds = flags.HasFlag(now) ? HostTime.Now : HostTime.Omit };
    }

    /// <summary>How many bytes can be read from a pipe, terminal or socket at once; 1 where the kernel does not say.</summary>
    public static ulong Available(int fd)
    {
        int bytes;
        return Libc.Control(fd, QueryReadable, &bytes) == 0 ? (ulong)bytes : 1;
    }

    private static Errno InSteps(Call call, int fd, ReadOnlySpan<IoVector> buffers, long offset, StopSignal stop, out nuint count)
    {
        if (IoVector.Total(buffers) <= Step)
        {
            fixed (IoVector* pieces = buffers)
            {
                return Once(call(fd, pieces, buffers.Length, offset), out count);
            }
        }

        count = 0;
        foreach (var buffer in buffers)
        {
            for (nuint done = 0; done < buffer.Length;)
            {
                stop.ThrowIfRequested();
                var piece = new IoVector(buffer.Base + (nint)done, nuint.Min(buffer.Length - done, Step));
                var outcome = Once(call(fd, &piece, 1, offset + (long)count), out var moved);
                count += moved;
                done += moved;
                if (moved < piece.Length)
                {
                    // What was moved before an error is told first; the next call meets the error again.
                    return count > 0 ? Errno.None : outcome;
                }
            }
        }

        return Errno.None;
    }

    private static Errno Once(nint moved, out nuint count)
    {
        count = moved < 0 ? 0 : (nuint)moved;
        return moved < 0 ? Libc.LastError : Errno.None;
    }
}
