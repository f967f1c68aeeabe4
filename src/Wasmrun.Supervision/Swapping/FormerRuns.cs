using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Swapping;

/// <summary>
/// The runs of a service that others have taken over from and that finish with their clients. Swaps in quick succession do
/// not pile up: beyond a few, the next waits for the oldest.
/// </summary>
internal sealed class FormerRuns
{
    private const int Most = 4;

    private readonly Lock _gate = new();
    private readonly List<(ServiceRun Run, Task Retiring)> _runs = [];

    /// <summary>Takes a run that retires; it is disposed when it has ended.</summary>
    public void Add(ServiceRun run, Task retiring)
    {
        lock (_gate)
        {
            Forget();
            _runs.Add((run, retiring));
        }
    }

    /// <summary>Waits until another run may retire.</summary>
    public async Task MakeRoomAsync(CancellationToken token)
    {
        while (true)
        {
            Task oldest;
            lock (_gate)
            {
                Forget();
                if (_runs.Count < Most)
                {
                    return;
                }

                var finishing = _runs.Where(entry => !entry.Retiring.IsCompleted).Select(entry => entry.Retiring).ToList();
                if (finishing.Count == 0)
                {
                    // What does not end is told of elsewhere, and no reason to let the service be out of date.
                    return;
                }

                oldest = Task.WhenAny(finishing);
            }

            await oldest.WaitAsync(token);
        }
    }

    /// <summary>Ends all of them; their clients have so much time at most, and no more than they had before.</summary>
    /// <returns>False when one has not ended.</returns>
    public async Task<bool> EndAsync(TimeSpan gracePeriod, TimeProvider time)
    {
        List<(ServiceRun Run, Task Retiring)> runs;
        lock (_gate)
        {
            runs = [.. _runs];
        }

        var retired = Task.WhenAll(runs.Select(entry => entry.Retiring));
        if (gracePeriod > TimeSpan.Zero && !retired.IsCompleted)
        {
            using var ended = new CancellationTokenSource();
            await Task.WhenAny(retired, Task.Delay(gracePeriod, time, ended.Token));
            await ended.CancelAsync();
        }

        lock (_gate)
        {
            // Not those that have retired since.
            Force(_runs.Where(runs.Contains));
        }

        await retired;
        lock (_gate)
        {
            Forget();
        }

        return runs.TrueForAll(entry => !entry.Run.IsActive);
    }

    /// <summary>Cuts the time of all of them short. Returns at once.</summary>
    public void Force()
    {
        lock (_gate)
        {
            Force(_runs);
        }
    }

    private static void Force(IEnumerable<(ServiceRun Run, Task Retiring)> runs)
    {
        foreach (var (run, _) in runs.Where(entry => entry.Run.IsActive))
        {
            run.Force();
        }
    }

    private void Forget()
    {
        foreach (var (run, _) in _runs.Where(entry => entry.Retiring.IsCompleted && !entry.Run.IsActive))
        {
            run.Dispose();
        }

        _runs.RemoveAll(entry => entry.Retiring.IsCompleted && !entry.Run.IsActive);
    }
}
