using System.Diagnostics;

namespace Wasmrun.Tests.Sandbox;

/// <summary>
/// A clock that goes only while the machine lets a thread that never sleeps run. By it something takes as long as it would on a
/// machine that has nothing else to do, however much it has; what is measured must not be much shorter than a millisecond.
/// </summary>
internal sealed class BusyClock : IDisposable
{
    /// <summary>The thread looks at the time far more often than this, unless another has its place.</summary>
    private static readonly long s_interruption = Stopwatch.Frequency / 2_000;

    private readonly Thread _thread;
    private readonly TaskCompletionSource _goes = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _elapsed;
    private volatile bool _isOver;

    private BusyClock()
    {
        _thread = new(Go) { IsBackground = true, Name = nameof(BusyClock) };
        _thread.Start();
    }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _elapsed));

    public static async Task<BusyClock> StartAsync()
    {
        var clock = new BusyClock();
        await clock._goes.Task;
        return clock;
    }

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
    }

    private void Go()
    {
        var last = Stopwatch.GetTimestamp();
        _goes.SetResult();
        while (!_isOver)
        {
            var now = Stopwatch.GetTimestamp();
            if (now - last < s_interruption)
            {
                Volatile.Write(ref _elapsed, _elapsed + now - last);
            }

            last = now;
        }
    }
}
