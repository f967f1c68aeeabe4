using System.Runtime.CompilerServices;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// The descriptors of one <c>poll</c> call of a guest, beside the wake descriptor of its instance. Reused from call to
/// call by the instance's own thread, so that polling allocates nothing once the set has grown to its size.
/// </summary>
public sealed unsafe class PollSet(StopSignal stop) : IDisposable
{
    // The kernel skips negative descriptors.
    private const int AlreadyReady = -2;

    private const int Never = -1;

    private readonly StandingPoll _standing = new();
    private Libc.PollDescriptor[] _descriptors = new Libc.PollDescriptor[16];
    private int _count;
    private bool _readyNow;

    public int Count => _count;

    /// <summary>Whether the set that was waited for last is the one before it, and the kernel was asked: <see cref="WaitAgain"/> may then come next.</summary>
    public bool Stands { get; private set; }

    public void Clear()
    {
        _count = 0;
        _readyNow = false;
    }

    /// <summary>Adds a kernel descriptor and returns its index in this set.</summary>
    public int Add(int fd, PollEvents events)
    {
        if (_count + 1 == _descriptors.Length)
        {
            Array.Resize(ref _descriptors, _descriptors.Length * 2);
        }

        _descriptors[_count] = new() { Fd = fd, Requested = events };
        return _count++;
    }

    /// <summary>Adds what is ready without asking the kernel, and returns its index: the next <see cref="Wait"/> only looks.</summary>
    public int AddReady(PollEvents events)
    {
        _readyNow = true;
        return Add(AlreadyReady, events);
    }

    /// <summary>What the last <see cref="Wait"/> found at an index.</summary>
    public PollEvents Ready(int index) =>
        _descriptors[index].Fd == AlreadyReady ? _descriptors[index].Requested : _descriptors[index].Ready;

    /// <summary>Blocks until a descriptor is ready or the time is over; the number of ready ones is not told.</summary>
    /// <param name="timeoutNanoseconds">Negative waits for ever, zero only looks.</param>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public Errno Wait(long timeoutNanoseconds)
    {
        var deadline = Deadline.After(_readyNow ? 0 : timeoutNanoseconds);
        _descriptors[_count] = new() { Fd = stop.WakeDescriptor, Requested = PollEvents.Read };
        var members = _descriptors.AsSpan(0, _count + 1);
        foreach (ref var member in members)
        {
            member.Ready = PollEvents.None;
        }

        Stands = _standing.Holds(members, stop.Closings) && !_readyNow;
        while (true)
        {
            stop.ThrowIfRequested();
            var ready = WaitOnce(members, deadline);
            stop.ThrowIfRequested();
            if (ready > 0 || (ready == 0 && deadline.IsOver))
            {
                return Errno.None;
            }

            if (ready < 0 && Libc.LastError != Errno.EINTR)
            {
                return Libc.LastError;
            }
        }
    }

    /// <summary>
    /// Blocks as the last <see cref="Wait"/> did, for the same set, which <see cref="Stands"/>, and without end. Nothing may have been cleared or added
    /// since, and no descriptor closed.
    /// </summary>
    /// <returns>The members that are ready, in the order of the set, until the next call.</returns>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<ReadyMember> WaitAgain()
    {
        while (true)
        {
            stop.ThrowIfRequested();
            var found = _standing.Wait(stop.Pace.MayLook());
            stop.ThrowIfRequested();
            if (!found.IsEmpty)
            {
                return found;
            }
        }
    }

    public void Dispose() => _standing.Dispose();

    /// <summary>Waits at most until the deadline; may return somewhat earlier, because epoll knows no time below a millisecond.</summary>
    private int WaitOnce(Span<Libc.PollDescriptor> members, Deadline deadline)
    {
        var remaining = deadline.Remaining;
        var milliseconds = deadline.IsNever ? Never : remaining.Milliseconds;
        if (_standing.IsWithKernel && (milliseconds != 0 || deadline.IsOver))
        {
            var found = _standing.WaitWithKernel(milliseconds, stop.Pace.MayLook());
            foreach (var (index, events) in found)
            {
                members[index].Ready = events;
            }

            return found.Length;
        }

        fixed (Libc.PollDescriptor* descriptors = members)
        {
            var ready = Libc.PPoll(descriptors, (nuint)members.Length, deadline.IsNever ? null : &remaining, 0);
            if (ready >= 0)
            {
                _standing.Count(ready);
            }

            return ready;
        }
    }
}
