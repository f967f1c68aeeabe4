using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network.Services;

/// <summary>
/// The clients of one guest port while nobody listens there. Those of a forward stay in the kernel's queue, where their number
/// can be asked; those of other services are taken in and parked, because the kernel does not tell how many they are.
/// Used under the lock of the service.
/// </summary>
/// <param name="peers">How many clients of other services the service may have taken in.</param>
internal sealed class HeldClients(TimeSpan hold, HoldWatcher watcher, Budget peers, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _shortestWait = TimeSpan.FromMilliseconds(1);

    /// <summary>After which those are looked at again who could not be taken in.</summary>
    private static readonly TimeSpan _retryAfter = TimeSpan.FromMilliseconds(100);

    private readonly Queue<(long Timestamp, AcceptedConnection Connection)> _parked = [];
    private readonly HashSet<ConnectionSource> _sources = [];
    private ITimer? _timer;

    /// <summary>Whether clients are left that could not be taken in.</summary>
    private bool _isBehind;

    /// <summary>How many wait now.</summary>
    public int Count => _parked.Count + _sources.Sum(source => source.Held.Clients);

    public void Watch(ConnectionSource source)
    {
        if (_sources.Add(source))
        {
            watcher.Watch(source);
        }
    }

    public void Unwatch(ConnectionSource source)
    {
        if (_sources.Remove(source))
        {
            watcher.Unwatch(source);
            source.Held.Clear();
        }
    }

    /// <summary>Takes note of who waits now.</summary>
    public void TakeNote()
    {
        _isBehind = false;
        var now = time.GetTimestamp();
        foreach (var source in _sources)
        {
            if (source.Forward is not null)
            {
                source.Held.Note(AcceptQueue.Length(source.Descriptor), now);
            }
            else
            {
                Park(source, now);
            }
        }
    }

    /// <summary>Parks a client that somebody else has taken in; its time begins now.</summary>
    /// <param name="timeIsOver">Called from the clock, outside the lock of the service.</param>
    public void Park(AcceptedConnection connection, TimerCallback timeIsOver)
    {
        _parked.Enqueue((time.GetTimestamp(), connection));
        Schedule(timeIsOver);
    }

    /// <summary>Hands over a parked client, oldest first; it counts as taken in until a guest accepts it.</summary>
    public bool TryTakeParked(out AcceptedConnection connection)
    {
        var taken = _parked.TryDequeue(out var parked);
        connection = parked.Connection;
        return taken;
    }

    /// <summary>Closes everyone whose time is over, and sets the clock for the next one.</summary>
    public List<HoldExpiry> Expire(TimerCallback timeIsOver)
    {
        var expired = new List<HoldExpiry>();
        var until = time.GetTimestamp() - Ticks(hold);
        foreach (var source in _sources)
        {
            var clients = source.Held.TakeUntil(until);
            Close(source, clients);
            if (clients > 0)
            {
                expired.Add(new(source.Forward, clients));
            }
        }

        var parked = 0;
        for (; _parked.TryPeek(out var first) && first.Timestamp <= until; parked++)
        {
            Reset(_parked.Dequeue().Connection);
        }

        if (parked > 0)
        {
            expired.Add(new(Forward: null, parked));
        }

        if (_isBehind)
        {
            // There is room now for some of those who could not be taken in.
            TakeNote();
        }

        Schedule(timeIsOver);
        return expired;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        ResetParked();
    }

    /// <summary>Resets everyone who is parked.</summary>
    public void ResetParked()
    {
        while (TryTakeParked(out var connection))
        {
            Reset(connection);
        }
    }

    private static void Close(ConnectionSource source, int clients)
    {
        while (clients-- > 0 && source.TryAccept(out var connection) == Errno.None)
        {
            KernelSocket.Reset(connection.Descriptor);
        }
    }

    private void Park(ConnectionSource source, long now)
    {
        while (peers.TryTake(1))
        {
            var error = source.TryAccept(out var connection);
            if (error != Errno.None)
            {
                peers.Give(1);
                _isBehind |= error != Errno.EAGAIN;
                return;
            }

            _parked.Enqueue((now, connection));
        }

        _isBehind = true;
    }

    private void Reset(AcceptedConnection connection)
    {
        KernelSocket.Reset(connection.Descriptor);
        peers.Give(1);
    }

    private void Schedule(TimerCallback timeIsOver)
    {
        long? oldest = _parked.TryPeek(out var first) ? first.Timestamp : null;
        foreach (var source in _sources)
        {
            oldest = source.Held.Oldest is { } other && !(oldest <= other) ? other : oldest;
        }

        TimeSpan? due = oldest is { } since ? hold - time.GetElapsedTime(since) : null;
        due = due < _shortestWait ? _shortestWait : due;
        due = _isBehind && !(due < _retryAfter) ? _retryAfter : due;
        if (due is { } wait)
        {
            _timer ??= time.CreateTimer(timeIsOver, state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
