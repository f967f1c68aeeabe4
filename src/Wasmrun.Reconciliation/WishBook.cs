using System.Threading.Channels;
using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Reconciliation;

/// <summary>
/// The present wish, the last one that could be accepted, and everybody who waits for a wish to be fulfilled. A change
/// interrupts the pass under way: what was wished before is no longer worth waiting for.
/// </summary>
internal sealed class WishBook : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(long Version, TaskCompletionSource<ApplyResult> Waiter)> _waiters = [];
    private readonly Channel<long> _news = Channel.CreateBounded<long>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private StackWish? _accepted;
    private StackWish? _desired;
    private long _version;

    /// <summary>Not disposed pass by pass: it has no timer, and a late change may still cancel it.</summary>
    private CancellationTokenSource? _pass;
    private string? _closed;

    /// <summary>The newest wish, whether or not it was accepted yet.</summary>
    public StackWish? Desired
    {
        get
        {
            lock (_gate)
            {
                return _desired;
            }
        }
    }

    /// <summary>Changes the wish, or leaves it and answers at once.</summary>
    /// <param name="change">Given the present wish; gives the next, or an answer.</param>
    /// <param name="token">Ends the wait, not the wish.</param>
    public Task<ApplyResult> ChangeAsync(Func<StackWish?, (StackWish? Next, ApplyResult? Answer)> change, CancellationToken token)
    {
        TaskCompletionSource<ApplyResult> waiter;
        CancellationTokenSource? interrupted;
        lock (_gate)
        {
            if (_closed is { } reason)
            {
                return Task.FromResult<ApplyResult>(new ApplyResult.Abandoned(reason));
            }

            var (next, answer) = change(_desired);
            if (answer is not null)
            {
                return Task.FromResult(answer);
            }

            waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _desired = next;
            _waiters.Add((++_version, waiter));
            interrupted = _pass;
            _pass = null;
            _news.Writer.TryWrite(_version);
        }

        // Outside the lock, because what it interrupts goes on at once and may come back here.
        interrupted?.Cancel();
        return waiter.Task.WaitAsync(token);
    }

    /// <summary>Waits for the wish to change.</summary>
    public ValueTask<long> ReadNewsAsync(CancellationToken token) => _news.Reader.ReadAsync(token);

    /// <summary>Begins a pass over the newest wish; the token is cancelled when a newer one comes.</summary>
    public (StackWish? Wish, long Version, CancellationToken Superseded) Begin()
    {
        lock (_gate)
        {
            _pass = new();
            return (_desired, _version, _pass.Token);
        }
    }

    /// <summary>The wish can be fulfilled as far as can be known before anything is touched: from now on it is what others fall back to.</summary>
    public void Accept(StackWish wish)
    {
        lock (_gate)
        {
            _accepted = wish;
        }
    }

    /// <summary>The pass over this version is over, and all who waited for it or an earlier one have their answer.</summary>
    /// <param name="isOver">There is nothing left to wish for.</param>
    public void Answer(long version, ApplyResult result, bool isOver)
    {
        lock (_gate)
        {
            if (isOver && _version == version)
            {
                _desired = null;
                _accepted = null;
            }

            Resolve(version, waiter => waiter.TrySetResult(result));
        }
    }

    /// <summary>The wish cannot be fulfilled: the last accepted one stands again, unless somebody wished something newer.</summary>
    public void Reject(long version, ApplyResult result)
    {
        lock (_gate)
        {
            if (_version == version)
            {
                _desired = _accepted;
                Resolve(version, waiter => waiter.TrySetResult(result));
            }
        }
    }

    /// <summary>The pass over this version ended by a mistake of the runner.</summary>
    public void Fault(long version, Exception mistake)
    {
        lock (_gate)
        {
            Resolve(version, waiter => waiter.TrySetException(mistake));
        }
    }

    /// <summary>Takes no wish any more if there is none now.</summary>
    /// <returns>Whether there is none, nor will be.</returns>
    public bool TryClose(string reason)
    {
        lock (_gate)
        {
            if (_desired is not null)
            {
                return false;
            }

            _closed ??= reason;
            return true;
        }
    }

    /// <summary>No wish is taken any more, and nobody waits for ever.</summary>
    public void Close(string reason)
    {
        lock (_gate)
        {
            _closed = reason;
            Resolve(_version, waiter => waiter.TrySetResult(new ApplyResult.Abandoned(reason)));
        }
    }

    public void Dispose() => _pass?.Dispose();

    private void Resolve(long version, Action<TaskCompletionSource<ApplyResult>> resolve)
    {
        foreach (var (_, waiter) in _waiters.Where(entry => entry.Version <= version))
        {
            resolve(waiter);
        }

        _waiters.RemoveAll(entry => entry.Version <= version);
    }
}
