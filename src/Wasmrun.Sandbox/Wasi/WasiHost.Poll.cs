using System.Numerics;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi;

internal sealed partial class WasiHost
{
    private const uint EventSize = 32;

    /// <summary>More than any instance can have descriptors, and little enough to hold in the runner's memory.</summary>
    private const uint MaxSubscriptions = 1 << 16;

    private readonly RepeatedPoll _repeatedPoll = new();

    /// <summary>Where in the poll set each subscription begins.</summary>
    private int[] _firstEntries = new int[16];

    /// <summary>
    /// Whether the guest asks about a single descriptor, which is how a C library finds out how many bytes wait (FIONREAD).
    /// Who polls many only wants to know which of them are ready, and is spared a system call for each.
    /// </summary>
    private bool _asksOne;

    /// <summary>Whether the guest asks about streams and nothing else, and about several, each of them one entry of the poll set.</summary>
    private bool _asksStreams;

    /// <summary>By which one can tell that the guest's descriptors are still what they were.</summary>
    private int Closings => _descriptors.Closings + _stop.Closings;

    private static bool DefinePoll(ImportDefiner definer) => definer.Name switch
    {
        "poll_oneoff" => definer.Add(static (host, a) => host.Poll(a[0], a[1], a[2], a[3])),
        _ => false,
    };

    private WasiErrno Poll(uint subscriptions, uint events, uint count, uint result)
    {
        if (count is 0 or > MaxSubscriptions)
        {
            return WasiErrno.EINVAL;
        }

        var memory = Memory;
        _ = memory.Bytes(subscriptions, count * Subscription.Size);
        _ = memory.Bytes(events, count * EventSize);
        memory.Check<uint>(result);
        if (!_repeatedPoll.Is(memory, subscriptions, count, Closings))
        {
            return PollAnew(memory, subscriptions, events, count, result);
        }

        memory.Write(result, PollAgain(memory, subscriptions, events));
        return WasiErrno.None;
    }

    private WasiErrno PollAnew(GuestMemory memory, uint subscriptions, uint events, uint count, uint result)
    {
        _repeatedPoll.Forget();
        PollStart? start = null;
        while (true)
        {
            if (!Prepare(memory, subscriptions, count, ref start, out var timeout))
            {
                return WasiErrno.EINVAL;
            }

            if (_pollSet.Wait(timeout) is var error and not Errno.None)
            {
                return error.ToWasi();
            }

            var ready = Collect(memory, subscriptions, events, count, start ?? default);
            if (ready > 0)
            {
                if (_asksStreams && _pollSet.Stands)
                {
                    _repeatedPoll.Remember(memory, subscriptions, count, Closings);
                }

                memory.Write(result, ready);
                return WasiErrno.None;
            }
        }
    }

    /// <summary>Waits for the streams that the guest asked about last, whose entries in the poll set are in the same order.</summary>
    private uint PollAgain(GuestMemory memory, uint subscriptions, uint events)
    {
        var left = _pollSet.WaitAgain();
        var ready = 0u;
        for (var index = 0; left > 0 && index < _pollSet.Count; index++)
        {
            if (_pollSet.Ready(index) is not PollEvents.None and var found)
            {
                left--;
                var subscription = memory.Read<Subscription>(subscriptions + ((uint)index * Subscription.Size));
                memory.Write(events + (ready++ * EventSize), PollEvent.Of(subscription, SocketDescriptor.Ready(found, subscription.Events)));
            }
        }

        return ready;
    }

    /// <summary>Puts into the poll set what the guest waits for; false for a subscription that is none.</summary>
    /// <param name="start">What the clocks said at the beginning; read when the first clock is met, because most guests wait for none.</param>
    /// <param name="timeout">The nanoseconds until the first clock; 0 when something is ready now; negative for ever.</param>
    private bool Prepare(GuestMemory memory, uint subscriptions, uint count, ref PollStart? start, out long timeout)
    {
        _pollSet.Clear();
        if (_firstEntries.Length < count)
        {
            Array.Resize(ref _firstEntries, (int)BitOperations.RoundUpToPowerOf2(count));
        }

        timeout = -1L;
        var asked = 0;
        _asksStreams = true;
        for (var index = 0u; index < count; index++)
        {
            var first = _pollSet.Count;
            _firstEntries[index] = first;
            var subscription = memory.Read<Subscription>(subscriptions + (index * Subscription.Size));
            switch (subscription.Type)
            {
                case SubscriptionType.Clock:
                    _asksStreams = false;
                    start ??= new(_clock.Now(ClockId.Realtime), _clock.Now(ClockId.Monotonic));
                    var left = subscription.IsClockValid ? subscription.Left(start.Value, _clock) : 0;
                    timeout = timeout < 0 ? left : Math.Min(timeout, left);
                    break;
                case SubscriptionType.Read or SubscriptionType.Write:
                    asked++;
                    if (_descriptors.Get(subscription.Descriptor, Rights.Poll, out var descriptor) == WasiErrno.None)
                    {
                        descriptor.AddTo(_pollSet, subscription.Events);
                        _asksStreams &= descriptor.Stream is not null;
                    }

                    timeout = _pollSet.Count == first ? 0 : timeout;
                    break;
                default:
                    return false;
            }
        }

        _asksOne = asked == 1;
        _asksStreams &= !_asksOne && _pollSet.Count == count;
        return true;
    }

    /// <summary>Writes an event for everything that is ready, in the order in which the guest asked.</summary>
    private uint Collect(GuestMemory memory, uint subscriptions, uint events, uint count, PollStart start)
    {
        var ready = 0u;
        for (var index = 0u; index < count; index++)
        {
            var subscription = memory.Read<Subscription>(subscriptions + (index * Subscription.Size));
            if (Check(subscription, _firstEntries[index], start, out var happened))
            {
                memory.Write(events + (ready++ * EventSize), happened);
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
