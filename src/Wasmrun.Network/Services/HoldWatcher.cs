using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Services;

/// <summary>
/// Sees clients arrive at listeners that nobody accepts from, without accepting them: one thread for a whole stack, asleep while
/// there is nothing to see. A listener that a guest accepts from is not watched, so the way of a served client has no detour.
/// </summary>
internal sealed class HoldWatcher : IDisposable
{
    private const ulong WakeKey = 0;
    private const int ReadyAtOnce = 64;
    private const int StackSize = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ConnectionSource> _watched = [];
    private ReadinessSet? _ready;
    private EventCounter? _wake;
    private Thread? _thread;
    private ulong _lastKey = WakeKey;

    /// <summary>
    /// Takes what it needs, before there is anything to watch: a source that could not be watched would have to be taken back from wherever it is known by
    /// then. Does nothing the second time.
    /// </summary>
    /// <exception cref="IOException">The process has no descriptor left, or the system no thread.</exception>
    public void Start()
    {
        lock (_gate)
        {
            if (_ready is not null)
            {
                return;
            }

            EventCounter? wake = null;
            var error = ReadinessSet.TryOpen(out var ready);
            error = error == Errno.None ? EventCounter.TryOpen(out wake) : error;
            error = error == Errno.None ? ready!.Add(wake!.Descriptor, WakeKey, onlyNews: false) : error;
            if (error != Errno.None)
            {
                ready?.Dispose();
                wake?.Dispose();
                throw new IOException($"cannot watch for waiting clients: {error}");
            }

            var thread = new Thread(() => Run(ready!), StackSize) { IsBackground = true, Name = "wasmrun hold" };
            try
            {
                thread.Start();
            }
            catch (OutOfMemoryException failure)
            {
                ready!.Dispose();
                wake!.Dispose();
                throw new IOException("cannot watch for waiting clients: the system has no thread left", failure);
            }

            (_ready, _wake, _thread) = (ready, wake, thread);
        }
    }

    /// <summary>Starts to watch; a client that already waits is seen at once.</summary>
    public void Watch(ConnectionSource source)
    {
        lock (_gate)
        {
            source.WatchKey = ++_lastKey;
            _watched.Add(source.WatchKey, source);
            _ = _ready!.Add(source.Descriptor, source.WatchKey, onlyNews: true);
        }
    }

    public void Unwatch(ConnectionSource source)
    {
        lock (_gate)
        {
            if (_watched.Remove(source.WatchKey))
            {
                _ready?.Remove(source.Descriptor);
            }
        }
    }

    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            thread = _thread;
            _thread = null;
            _watched.Clear();
            _wake?.Increment();
        }

        thread?.Join();
        _ready?.Dispose();
        _wake?.Dispose();
    }

    private void Run(ReadinessSet ready)
    {
        Span<ulong> keys = stackalloc ulong[ReadyAtOnce];
        while (true)
        {
            var count = ready.Wait(keys);
            foreach (var key in keys[..count])
            {
                if (key == WakeKey)
                {
                    return;
                }

                Find(key)?.Port.ClientsArrived();
            }
        }
    }

    private ConnectionSource? Find(ulong key)
    {
        lock (_gate)
        {
            return _watched.GetValueOrDefault(key);
        }
    }
}
