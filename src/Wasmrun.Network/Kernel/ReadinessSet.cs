using System.Runtime.CompilerServices;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// Many descriptors under one that becomes readable when any of them does. Members come and go from any thread, also
/// while another one is blocked on <see cref="Descriptor"/>: that is how forwards change under a guest that waits in accept.
/// </summary>
internal sealed unsafe class ReadinessSet : IDisposable
{
    private int _descriptor;

    private ReadinessSet(int descriptor) => _descriptor = descriptor;

    /// <summary>Readable while a member is.</summary>
    public int Descriptor => _descriptor;

    /// <summary>Takes one kernel descriptor.</summary>
    public static Errno TryOpen(out ReadinessSet? set)
    {
        var descriptor = Libc.EpollCreate(Libc.EpollCloseOnExec);
        set = descriptor < 0 ? null : new(descriptor);
        return descriptor < 0 ? Libc.LastError : Errno.None;
    }

    /// <summary>Adds a descriptor, told by <paramref name="key"/>.</summary>
    /// <param name="onlyNews">Tell of each arrival once instead of as long as something is there.</param>
    public Errno Add(int fd, ulong key, bool onlyNews)
    {
        var record = stackalloc byte[Libc.EpollRecordSize];
        Unsafe.WriteUnaligned(record, Libc.EpollIn | (onlyNews ? Libc.EpollEdge : 0));
        Unsafe.WriteUnaligned(record + Libc.EpollKeyOffset, key);
        return Libc.EpollControl(_descriptor, Libc.EpollAdd, fd, record) < 0 ? Libc.LastError : Errno.None;
    }

    public void Remove(int fd)
    {
        var unused = stackalloc byte[Libc.EpollRecordSize];
        _ = Libc.EpollControl(_descriptor, Libc.EpollDelete, fd, unused);
    }

    /// <summary>Blocks until a member is readable, or a signal comes; fills in the keys and returns how many.</summary>
    public int Wait(Span<ulong> keys)
    {
        var records = stackalloc byte[Libc.EpollRecordSize * keys.Length];
        var count = SystemCall.EpollWait(_descriptor, records, keys.Length, -1);
        for (var i = 0; i < count; i++)
        {
            keys[i] = Unsafe.ReadUnaligned<ulong>(records + (i * Libc.EpollRecordSize) + Libc.EpollKeyOffset);
        }

        return count;
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            _ = Libc.Close(_descriptor);
            _descriptor = -1;
        }
    }
}
