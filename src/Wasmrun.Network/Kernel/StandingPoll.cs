using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// What a guest polls again and again, put together once and left as it is: for <c>ppoll</c>, which looks at each member at each call, or with the kernel as an
/// epoll set, where a call costs what is ready and not what is waited for, but who sends to a member pays for telling the set, also while nobody waits.
/// A busy server with many clients, who always finds several of them ready, is better off with the first, all others with the second.
/// A set that differs from the one before is not worth any of this, and one with the same numbers may not be the same, if descriptors were closed.
/// </summary>
internal sealed unsafe class StandingPoll : IDisposable
{
    private const int None = -1;

    private const int Never = -1;

    /// <summary>Calls of <c>ppoll</c> after which it is decided again whether the kernel is to have the set. It costs a call for each member.</summary>
    private const int Trial = 32;

    /// <summary>Waits after which it is decided again whether it still is to have it. Longer, and it would keep a set for long that was idle just then.</summary>
    private const int Tenure = 256;

    /// <summary>As many more for each member, so that going back and forth is no cost.</summary>
    private const int TenurePerMember = 8;

    /// <summary>How many members are ready at a wait, on average, where more than one client is served.</summary>
    private const int Several = 2;

    /// <summary>To how many members one that is ready must come, at least, for all of them to be looked at.</summary>
    private const int MostIdle = 64;

    private Libc.PollDescriptor[] _members = [];
    private byte[] _records = [];
    private ReadyMember[] _found = [];
    private int _count;
    private int _closings;
    private int _descriptor = None;
    private bool _isRefused;
    private int _waits;
    private long _ready;
    private BusyPoll _busy;

    /// <summary>Whether the kernel has the set.</summary>
    public bool IsWithKernel => _descriptor != None;

    /// <summary>Whether the set is this one, as it was when it was waited for last.</summary>
    /// <param name="closings">How many descriptors the instance has closed by now.</param>
    public bool Holds(ReadOnlySpan<Libc.PollDescriptor> wanted, int closings)
    {
        if (closings == _closings && MemoryMarshal.AsBytes(wanted).SequenceEqual(MemoryMarshal.AsBytes(_members.AsSpan(0, _count))))
        {
            return true;
        }

        Remember(wanted, closings);
        return false;
    }

    /// <summary>Waits for members of the set, without end.</summary>
    /// <param name="mayLook">Whether it may look for a while before it sleeps.</param>
    /// <returns>Which are ready, in the order of the set, until the next call; none after a signal.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<ReadyMember> Wait(bool mayLook) => IsWithKernel ? WaitWithKernel(Never, mayLook) : WaitForMembers();

    /// <summary>Waits for members of the set, which is <see cref="IsWithKernel"/>.</summary>
    /// <param name="timeoutMilliseconds">Negative waits for ever, zero only looks.</param>
    /// <param name="mayLook">Whether it may look for a while before it sleeps.</param>
    /// <returns>Which are ready, in the order of the set, until the next call; none when the time is over, and also after a signal.</returns>
    public ReadOnlySpan<ReadyMember> WaitWithKernel(int timeoutMilliseconds, bool mayLook)
    {
        fixed (byte* records = _records)
        {
            var found = _found;
            var ready = mayLook && timeoutMilliseconds != 0 ? WaitBusily(records, timeoutMilliseconds) : Ask(records, timeoutMilliseconds);
            for (var i = 0; i < ready; i++)
            {
                var record = records + (i * Libc.EpollRecordSize);
                found[i] = new((int)Unsafe.ReadUnaligned<ulong>(record + Libc.EpollKeyOffset), (PollEvents)(short)Unsafe.ReadUnaligned<uint>(record));
            }

            if (ready > 1)
            {
                found.AsSpan(0, ready).Sort(static (one, other) => one.Index - other.Index);
            }

            Count(ready);
            return found.AsSpan(0, ready);
        }
    }

    /// <summary>Takes note of how many members were ready at a wait, which is what tells where the set is better kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Count(int ready)
    {
        _ready += ready;
        if (++_waits >= (IsWithKernel ? Tenure + (TenurePerMember * _count) : Trial))
        {
            Decide();
        }
    }

    public void Dispose()
    {
        if (IsWithKernel)
        {
            _ = Libc.Close(_descriptor);
            _descriptor = None;
        }
    }

    private int Ask(byte* records, int timeoutMilliseconds) => SystemCall.EpollWait(_descriptor, records, _count, timeoutMilliseconds);

    private int WaitBusily(byte* records, int timeoutMilliseconds)
    {
        var start = Stopwatch.GetTimestamp();
        var ready = _busy.IsOn ? Look(records, start) : 0;
        ready = ready > 0 ? ready : Ask(records, timeoutMilliseconds);
        _busy.Note(ready, Stopwatch.GetElapsedTime(start));
        return ready;
    }

    private int Look(byte* records, long start)
    {
        var ready = Ask(records, 0);
        if (ready == 0 && BusyPoll.TryTakePlace())
        {
            do
            {
                ready = Ask(records, 0);
            }
            while (ready == 0 && BusyPoll.GoesOn(start));

            BusyPoll.LeavePlace();
        }

        return ready;
    }

    private ReadOnlySpan<ReadyMember> WaitForMembers()
    {
        fixed (Libc.PollDescriptor* members = _members)
        {
            var ready = SystemCall.Poll(members, _count);
            var found = 0;
            for (var i = 0; found < ready; i++)
            {
                if (members[i].Ready != PollEvents.None)
                {
                    _found[found++] = new(i, members[i].Ready);
                    members[i].Ready = PollEvents.None;
                }
            }

            Count(ready);
            return _found.AsSpan(0, ready);
        }
    }

    private void Remember(ReadOnlySpan<Libc.PollDescriptor> wanted, int closings)
    {
        Dispose();
        if (_members.Length < wanted.Length)
        {
            _members = new Libc.PollDescriptor[wanted.Length * 2];
            _found = new ReadyMember[_members.Length];
        }

        wanted.CopyTo(_members);
        (_count, _closings, _isRefused, _waits, _ready, _busy) = (wanted.Length, closings, false, 0, 0, default);
    }

    private void Decide()
    {
        var isBusy = _ready >= (long)Several * _waits;
        if (IsWithKernel && isBusy)
        {
            Dispose();
        }
        else if (!IsWithKernel && !_isRefused && !(isBusy && _ready * MostIdle >= (long)_waits * _count))
        {
            _isRefused = !TryOpen();
        }

        (_waits, _ready) = (0, 0);
    }

    /// <summary>Fails when the system has no descriptor left or the set is none for epoll: it knows each descriptor once.</summary>
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
        }

        return true;
    }
}
