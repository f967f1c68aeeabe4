using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// What a guest polls again and again, left with the kernel: a wait then costs what is ready and not what is waited for. A set
/// that differs from the one before is not worth that, and one with the same numbers may not be the same, if descriptors were closed.
/// </summary>
internal sealed unsafe class StandingPoll : IDisposable
{
    private const int None = -1;

    /// <summary>How often a set must come again, and again for every so many members, until it is worth a call of the system for each of them.</summary>
    private const int Repeats = 8;

    private Libc.PollDescriptor[] _members = [];
    private byte[] _records = [];
    private ReadyMember[] _found = [];
    private int _count;
    private int _closings;
    private int _repeats;
    private int _descriptor = None;

    /// <summary>Whether the kernel holds just this set, which it is given when it has come often enough.</summary>
    /// <param name="closings">How many descriptors the instance has closed by now.</param>
    public bool Holds(ReadOnlySpan<Libc.PollDescriptor> wanted, int closings)
    {
        if (closings != _closings || !MemoryMarshal.AsBytes(wanted).SequenceEqual(MemoryMarshal.AsBytes(_members.AsSpan(0, _count))))
        {
            Remember(wanted, closings);
            return false;
        }

        return _descriptor != None || (++_repeats == Repeats + (_count / Repeats) && TryOpen());
    }

    /// <summary>Waits for members of the set.</summary>
    /// <param name="timeoutMilliseconds">Negative waits for ever, zero only looks.</param>
    /// <returns>Which are ready, in any order; none when the time is over, and also after a signal.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<ReadyMember> Wait(int timeoutMilliseconds)
    {
        var found = _found;
        fixed (byte* records = _records)
        {
            var count = SystemCall.EpollWait(_descriptor, records, _count, timeoutMilliseconds);
            for (var i = 0; i < count; i++)
            {
                var record = records + (i * Libc.EpollRecordSize);
                found[i] = new((int)Unsafe.ReadUnaligned<ulong>(record + Libc.EpollKeyOffset), (PollEvents)(short)Unsafe.ReadUnaligned<uint>(record));
            }

            return found.AsSpan(0, count);
        }
    }

    public void Dispose()
    {
        if (_descriptor != None)
        {
            _ = Libc.Close(_descriptor);
            _descriptor = None;
        }
    }

    private void Remember(ReadOnlySpan<Libc.PollDescriptor> wanted, int closings)
    {
        Dispose();
        if (_members.Length < wanted.Length)
        {
            _members = new Libc.PollDescriptor[wanted.Length * 2];
        }

        wanted.CopyTo(_members);
        _count = wanted.Length;
        _closings = closings;
        _repeats = 0;
    }

    /// <summary>Fails, for as long as the set stays as it is, when the system has no descriptor left or the set is none for epoll: it knows each descriptor once.</summary>
    private bool TryOpen()
    {
        _descriptor = Libc.EpollCreate(Libc.EpollCloseOnExec);
        if (_descriptor < 0)
        {
            _descriptor = None;
            return false;
        }

        var record = stackalloc byte[Libc.EpollRecordSize];
        for (var i = 0; i < _count; i++)
        {
            Unsafe.WriteUnaligned(record, (uint)(ushort)_members[i].Requested);
            Unsafe.WriteUnaligned(record + Libc.EpollKeyOffset, (ulong)i);
            if (_members[i].Fd >= 0 && Libc.EpollControl(_descriptor, Libc.EpollAdd, _members[i].Fd, record) < 0)
            {
                Dispose();
                return false;
            }
        }

        if (_records.Length < _count * Libc.EpollRecordSize)
        {
            _records = new byte[_members.Length * Libc.EpollRecordSize];
            _found = new ReadyMember[_members.Length];
        }

        return true;
    }
}
