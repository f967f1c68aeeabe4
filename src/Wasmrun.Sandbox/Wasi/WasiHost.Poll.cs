using System.Numerics;
using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi;

internal sealed unsafe partial class WasiHost
{
    /// <summary>More than any instance can have descriptors, and little enough to hold in the runner's memory.</summary>
    private const uint MaxSubscriptions = 1 << 16;

    private readonly RepeatedPoll _repeatedPoll = new();

    private LikelyStream _likelyStream;

    /// <summary>Where in the poll set each subscription begins.</summary>
    private int[] _firstEntries = new int[16];

    /// <summary>
    /// Whether the guest asks about a single descriptor, which is how a C library finds out how many bytes wait (FIONREAD).
    /// Who polls many only wants to know which of them are ready, and is spared a system call for each.
    /// </summary>
    private bool _asksOne;

    /// <summary>Whether the guest asks about nothing but what the kernel alone answers, and about several, each of them one entry of the poll set.</summary>
    private bool _asksKernel;

    /// <summary>By which one can tell that the guest's descriptors are still what they were.</summary>
    private int Closings
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _descriptors.Closings + _stop.Closings;
    }

    private static bool DefinePoll(ImportDefiner definer) => definer.Name switch
    {
        "poll_oneoff" => definer.Add(&EnterPoll),
        _ => false,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private WasiErrno Poll(uint subscriptions, uint events, uint count, uint result)
    {
        if (count is 0 or > MaxSubscriptions)
        {
            return WasiErrno.EINVAL;
        }

        var asked = (Subscription*)Memory.Pointer(subscriptions, count * (ulong)sizeof(Subscription));
        var happened = (PollEvent*)Memory.Pointer(events, count * (ulong)sizeof(PollEvent));
        var number = (uint*)Memory.Pointer(result, sizeof(uint));
        return !_repeatedPoll.Is(asked, count, Closings) ? PollAnew(asked, happened, count, number)
            : _likelyStream.IsThere && AnswerLikely(asked, happened, count, number) ? WasiErrno.None
            : PollAgain(asked, happened, number);
    }

    /// <summary>
    /// Answers that the stream which the guest received from last can be received from again, if it has asked that and it is likely; the rest of what it asked
    /// about has its turn a few polls later.
    /// </summary>
    private bool AnswerLikely(Subscription* asked, PollEvent* happened, uint count, uint* number)
    {
        if (!_likelyStream.TryTake(out var likely))
        {
            return false;
        }

        _stop.ThrowIfRequested();
        for (var index = 0u; index < count; index++)
        {
            if (asked[index].Type == SubscriptionType.Read && asked[index].Descriptor == likely)
            {
                happened[0] = PollEvent.Of(asked[index], new(PollEvents.Read, 1));
                *number = 1;
                return true;
            }
        }

        return false;
    }

    private WasiErrno PollAnew(Subscription* asked, PollEvent* happened, uint count, uint* number)
    {
        _repeatedPoll.Forget();
        _likelyStream.Forget();
        PollStart? start = null;
        while (true)
        {
            if (!Prepare(asked, count, ref start, out var timeout))
            {
                return WasiErrno.EINVAL;
            }

            if (_pollSet.Wait(timeout) is var error and not Errno.None)
            {
                return error.ToWasi();
            }

            // Before the answers: a guest may have them put over its questions.
            if (_asksKernel && _pollSet.Stands)
            {
                _repeatedPoll.Remember(asked, count, Closings);
            }

            var ready = Collect(asked, happened, count, start ?? default);
            if (ready > 0)
            {
                *number = ready;
                return WasiErrno.None;
            }
        }
    }

    /// <summary>Waits for what the guest asked about last, whose entries in the poll set are in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private WasiErrno PollAgain(Subscription* asked, PollEvent* happened, uint* number)
    {
        var ready = 0u;
        foreach (var (index, events) in _pollSet.WaitAgain())
        {
            happened[ready++] = PollEvent.Of(asked[index], SocketDescriptor.Ready(events, asked[index].Events));
        }

        *number = ready;
        return WasiErrno.None;
    }

    /// <summary>Puts into the poll set what the guest waits for; false for a subscription that is none.</summary>
    /// <param name="start">What the clocks said at the beginning; read when the first clock is met, because most guests wait for none.</param>
    /// <param name="timeout">The nanoseconds until the first clock; 0 when something is ready now; negative for ever.</param>
    private bool Prepare(Subscription* asked, uint count, ref PollStart? start, out long timeout)
    {
        _pollSet.Clear();
        if (_firstEntries.Length < count)
        {
            Array.Resize(ref _firstEntries, (int)BitOperations.RoundUpToPowerOf2(count));
        }

        timeout = -1L;
        var descriptors = 0;
        _asksKernel = true;
        for (var index = 0u; index < count; index++)
        {
            var first = _pollSet.Count;
            _firstEntries[index] = first;
            var subscription = asked[index];
            switch (subscription.Type)
            {
                case SubscriptionType.Clock:
                    _asksKernel = false;
                    start ??= new(_clock.Now(ClockId.Realtime), _clock.Now(ClockId.Monotonic));
                    var left = subscription.IsClockValid ? subscription.Left(start.Value, _clock) : 0;
                    timeout = timeout < 0 ? left : Math.Min(timeout, left);
                    break;
                case SubscriptionType.Read or SubscriptionType.Write:
                    descriptors++;
                    if (_descriptors.Get(subscription.Descriptor, Rights.Poll, out var descriptor) == WasiErrno.None)
                    {
                        descriptor.AddTo(_pollSet, subscription.Events);
                        _asksKernel &= descriptor.IsPolledByKernel;
                    }

                    timeout = _pollSet.Count == first ? 0 : timeout;
                    break;
                default:
                    return false;
            }
        }

        _asksOne = descriptors == 1;
        _asksKernel &= !_asksOne && _pollSet.Count == count;
        return true;
    }

    /// <summary>Writes an event for everything that is ready, in the order in which the guest asked.</summary>
    private uint Collect(Subscription* asked, PollEvent* happened, uint count, PollStart start)
    {
        var ready = 0u;
        for (var index = 0u; index < count; index++)
        {
            if (Check(asked[index], _firstEntries[index], start, out var answer))
            {
                happened[ready++] = answer;
            }
        }

        return ready;
    }

    private bool Check(in Subscription subscription, int first, PollStart start, out PollEvent happened)
    {
        if (subscription.Type == SubscriptionType.Clock)
        {
            var valid = subscription.IsClockValid;
            happened = valid ? PollEvent.Happened(subscription, default) : PollEvent.Failed(subscription, WasiErrno.EINVAL);
            return !valid || subscription.Left(start, _clock) == 0;
        }

        var error = _descriptors.Get(subscription.Descriptor, Rights.Poll, out var descriptor);
        if (error != WasiErrno.None)
        {
            happened = PollEvent.Failed(subscription, error);
            return true;
        }

        var readiness = descriptor.Ready(_pollSet, first, subscription.Events);
        if (_asksOne && subscription.Type == SubscriptionType.Read && readiness.Events != PollEvents.None)
        {
            readiness = readiness with { Bytes = descriptor.CountReadable(readiness) };
        }

        happened = PollEvent.Of(subscription, readiness);
        return readiness.Error != Errno.None || readiness.Events != PollEvents.None;
    }
}
