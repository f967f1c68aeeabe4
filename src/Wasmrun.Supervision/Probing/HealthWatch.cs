using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Probing;

/// <summary>Keeps the health of one serving instance up to date by what its probe answers.</summary>
/// <param name="judges">Whether a state is one that this instance is to be judged in.</param>
internal sealed class HealthWatch(ProbeLoop loop, Func<ServiceState, bool> judges, ServiceBoard board, bool isHealthy) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource<string> _unhealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watching = Task.CompletedTask;
    private volatile bool _wasHealthy = isHealthy;

    /// <summary>Done, with the reason, when the instance has become unhealthy for the first time.</summary>
    public Task<string> Unhealthy => _unhealthy.Task;

    /// <summary>Whether the instance has ever been healthy.</summary>
    public bool WasHealthy => _wasHealthy;

    public void Begin() => _watching = RunAsync(_ending.Token);

    public void Look() => loop.Look();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        _ending.Dispose();
    }

    private async Task RunAsync(CancellationToken token)
    {
        try
        {
            ProbeVerdict? known = _wasHealthy ? new ProbeVerdict(null) : null;
            while (true)
            {
                var verdict = await loop.NextAsync(known, token);
                known = verdict;
                Tell(verdict);
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The instance has ended.
        }
    }

    private void Tell(ProbeVerdict verdict)
    {
        var health = verdict.IsHealthy ? HealthState.Healthy : HealthState.Unhealthy;
        _wasHealthy |= verdict.IsHealthy;
        board.MoveIf(
            state => judges(state) && state.Health != health,
            verdict.IsHealthy ? StackEventKind.Healthy : StackEventKind.Unhealthy,
            verdict.Problem ?? "the health check is answered",
            state => state with { Health = health, Reason = verdict.Problem, NeverBecameHealthy = false });
        if (verdict.Problem is { } problem)
        {
            _unhealthy.TrySetResult(problem);
        }
    }
}
