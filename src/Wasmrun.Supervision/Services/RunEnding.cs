using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Swapping;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// The end of one run. Once begun it goes on whoever waits for it; asked for again it is the same end, unless less time is left to
/// the instance then.
/// </summary>
internal sealed class RunEnding : IDisposable
{
    /// <summary>How long after the grace period a thread may take to notice; a guest is told at every host call and every loop.</summary>
    private static readonly TimeSpan s_joinBound = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly TaskCompletionSource _forced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly long _since;
    private Task<bool>? _ending;

    /// <summary>When the grace period of the present end is over; the beginning of time once it was forced.</summary>
    private TimeSpan _bound;

    public RunEnding(TimeProvider time)
    {
        _time = time;
        _since = time.GetTimestamp();
        Stopping = _stop.Token;
    }

    /// <summary>Cancelled when the instance is told to stop, and no other is to follow.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>
    /// Lets the instance finish with its clients as far as the time allows, asks it to end if it listens for that, and tells it to stop.
    /// </summary>
    /// <param name="instance">Null when none runs at the moment.</param>
    /// <param name="running">Done when the run is over.</param>
    /// <param name="mayShorten">Whether an end that was begun before, with more time, is to have no more than this.</param>
    /// <returns>False when it is not over by the end of the grace period.</returns>
    public Task<bool> BeginAsync(IInstance? instance, Task running, TimeSpan gracePeriod, bool mayShorten)
    {
        lock (_gate)
        {
            var bound = _time.GetElapsedTime(_since) + gracePeriod;
            if (_ending is null || (mayShorten && bound < _bound) || (_ending.IsCompleted && !running.IsCompleted))
            {
                _bound = bound;
                _ending = EndAsync(instance, running, gracePeriod);
            }

            return _ending;
        }
    }

    /// <summary>Ends the run at once, and the grace period of whoever waits for its end.</summary>
    public void Force()
    {
        lock (_gate)
        {
            _bound = TimeSpan.Zero;
        }

        _forced.TrySetResult();
        try
        {
            _hurry.Cancel();
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has ended meanwhile, and another follows it: there is nothing left to hurry.
        }
    }

    /// <summary>Only after the run and all ends that were begun are over.</summary>
    public void Dispose()
    {
        _stop.Dispose();
        _hurry.Dispose();
    }

    private async Task<bool> EndAsync(IInstance? instance, Task running, TimeSpan gracePeriod)
    {
        var begun = _time.GetTimestamp();
        if (instance is not null)
        {
            await Farewell.RunAsync(instance, gracePeriod, _time, _hurry.Token);
        }

        await _stop.CancelAsync();
        var left = gracePeriod - _time.GetElapsedTime(begun);
        using var ended = new CancellationTokenSource();
        await Task.WhenAny(running, _forced.Task, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, ended.Token));
        await Task.WhenAny(running, Task.Delay(s_joinBound, _time, ended.Token));
        await ended.CancelAsync();
        return running.IsCompleted;
    }
}
