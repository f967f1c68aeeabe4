namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Moves the engine's epoch on, which makes every guest that is running look up. It ticks only while somebody needs
/// that: while a guest with a share of a core runs, or until a guest that was told to stop has noticed.
/// </summary>
internal sealed class EpochClock(Wasmtime.Engine engine, TimeProvider time) : IDisposable
{
    /// <summary>How long a guest runs at most before it looks up.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private Action? _told;
    private int _users;
    private bool _disposed;

    /// <summary>Whether the clock runs now.</summary>
    public bool IsTicking
    {
        get
        {
            lock (_gate)
            {
                return _users > 0;
            }
        }
    }

    /// <summary>Makes every running guest look up once, now.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            engine.IncrementEpoch();
        }

        Volatile.Read(ref _told)?.Invoke();
    }

    /// <summary>Calls an action at every tick, from any thread, until <see cref="Forget"/>.</summary>
    public void Tell(Action action)
    {
        lock (_gate)
        {
            _told += action;
        }
    }

    /// <summary>Calls an action no more, unless a tick is under way. Nothing happens when it was not called before.</summary>
    public void Forget(Action action)
    {
        lock (_gate)
        {
            _told -= action;
        }
    }

    /// <summary>Keeps the clock ticking until as many <see cref="Release"/> calls have come.</summary>
    public void Acquire()
    {
        lock (_gate)
        {
            if (++_users == 1 && !_disposed)
            {
                _timer ??= time.CreateTimer(static clock => ((EpochClock)clock!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _ = _timer.Change(Interval, Interval);
            }
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            if (--_users == 0 && !_disposed)
            {
                _ = _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }
}
