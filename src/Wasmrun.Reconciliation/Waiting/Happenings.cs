using Wasmrun.Supervision.Events;

namespace Wasmrun.Reconciliation.Waiting;

/// <summary>What happens, one after the other, and the passing of time where nothing does.</summary>
internal sealed class Happenings(EventSubscription subscription, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private IAsyncEnumerator<StackEvent>? _events;
    private Task<bool>? _next;

    /// <summary>The next event; null when there was none for so long.</summary>
    /// <param name="patience">Null waits for ever.</param>
    public async Task<StackEvent?> NextAsync(TimeSpan? patience, CancellationToken token)
    {
        _events ??= subscription.ReadAllAsync(_ending.Token).GetAsyncEnumerator(_ending.Token);
        _next ??= _events.MoveNextAsync().AsTask();
        if (patience is not { } limit)
        {
            await _next.WaitAsync(token);
        }
        else if (!_next.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
            await Task.WhenAny(_next, Task.Delay(limit, time, over.Token));
            await over.CancelAsync();
            token.ThrowIfCancellationRequested();
            if (!_next.IsCompleted)
            {
                return null;
            }
        }

        if (!await _next)
        {
            throw new InvalidOperationException("the events ended while somebody waited for them");
        }

        _next = null;
        return _events.Current;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        if (_events is not null)
        {
            Task last = _next ?? Task.CompletedTask;
            await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _events.DisposeAsync();
        }

        _ending.Dispose();
    }
}
