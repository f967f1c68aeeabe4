using System.Threading.Channels;
using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Reconciliation;

/// <summary>
/// The present wish, the last one that could be accepted, and the changes between the two, with everybody who waits for one. A change
/// interrupts the pass under way: what was wished before is no longer worth waiting for.
/// </summary>
internal sealed class WishBook : IDisposable
{
    private readonly Lock _gate = new();

    /// <summary>In the order they came: those that have no answer yet, and those that the accepted wish does not hold.</summary>
    private readonly List<PendingChange> _changes = [];
    private readonly Channel<long> _news = Channel.CreateBounded<long>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private StackWish? _accepted;
    private StackWish? _desired;
    private long _version;
    private long _acceptedVersion;

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
    /// <param name="change">Given the present wish; gives the next, or an answer. Asked again when a wish before it cannot be fulfilled.</param>
    /// <param name="about">The services that it is about, and whose state is its answer; empty means all.</param>
    /// <param name="token">Ends the wait, not the wish.</param>
    public Task<ApplyResult> ChangeAsync(
        Func<StackWish?, (StackWish? Next, ApplyResult? Answer)> change, IReadOnlyList<string> about, CancellationToken token)
    {
        var pending = new PendingChange(change, about);
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

            _desired = next!;
            pending.Made(++_version, _desired);
            _changes.ForEach(earlier => earlier.ResolveIfOverruled(_desired));
            _changes.Add(pending);
            Forget();
            interrupted = _pass;
            _pass = null;
            _news.Writer.TryWrite(_version);
        }

        // Outside the lock, because what it interrupts goes on at once and may come back here.
        interrupted?.Cancel();
        return pending.Answer.WaitAsync(token);
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

    /// <summary>The changes up to a version that have no answer yet.</summary>
    public IReadOnlyList<PendingChange> Unanswered(long version)
    {
        lock (_gate)
        {
            return [.. _changes.Where(change => change.Version <= version && !change.IsAnswered)];
        }
    }

    /// <summary>The wish can be fulfilled as far as can be known before anything is touched: from now on it is what others fall back to.</summary>
    public void Accept(long version, StackWish wish)
    {
        lock (_gate)
        {
            _accepted = wish;
            _acceptedVersion = version;
            Forget();
        }
    }

    /// <summary>What one change is about is as far as it comes.</summary>
    public void Answer(PendingChange change, ApplyResult result)
    {
        lock (_gate)
        {
            change.Resolve(result, _desired);
            Forget();
        }
    }

    /// <summary>This much was done of a change that has no answer yet.</summary>
    public void Keep(PendingChange change, ApplyResult.Applied done)
    {
        lock (_gate)
        {
            change.Keep(done);
        }
    }

    /// <summary>The pass over this version is over, and all who waited for it or an earlier one have their answer.</summary>
    /// <param name="isOver">There is nothing left to wish for.</param>
    public void Answer(long version, ApplyResult result, bool isOver)
    {
        lock (_gate)
        {
            Resolve(version, change => change.Resolve(result, _desired));
            if (isOver && _version == version)
            {
                _desired = null;
                _accepted = null;
            }
        }
    }

    /// <summary>
    /// The wish cannot be fulfilled: the last accepted one stands again, with the changes since that have nothing to do with it, unless
    /// somebody wished something newer. Who waits for what was accepted is told of it only when nothing was wished since.
    /// </summary>
    /// <param name="culprits">The services because of which it cannot.</param>
    public void Reject(long version, ApplyResult result, IReadOnlyCollection<string> culprits)
    {
        lock (_gate)
        {
            if (_version != version || _desired is not { } rejected)
            {
                return;
            }

            var recent = _changes.Where(change => change.Version > _acceptedVersion).ToList();
            var suspects = recent.Count > 0 ? recent : _changes.ToList();
            var guilty = suspects.Where(change => change.Concerns(rejected, culprits)).ToList();
            guilty = guilty.Count > 0 ? guilty : suspects;
            guilty.ForEach(change => change.Resolve(result, _desired));
            _changes.RemoveAll(change => guilty.Contains(change) || recent.Contains(change));
            _desired = _accepted;
            foreach (var change in recent.Except(guilty))
            {
                Repeat(change);
            }

            if (suspects.Count > 0)
            {
                _news.Writer.TryWrite(++_version);
            }
        }
    }

    /// <summary>The pass over this version ended by a mistake of the runner.</summary>
    public void Fault(long version, Exception mistake)
    {
        lock (_gate)
        {
            Resolve(version, change => change.Fault(mistake));
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
            Resolve(_version, change => change.Resolve(new ApplyResult.Abandoned(reason), _desired));
        }
    }

    public void Dispose() => _pass?.Dispose();

    private void Repeat(PendingChange change)
    {
        var (next, answer) = change.Make(_desired);
        if (answer is not null)
        {
            change.Resolve(answer, _desired);
            return;
        }

        _desired = next;
        _changes.Add(change);
    }

    private void Resolve(long version, Action<PendingChange> resolve)
    {
        _changes.Where(change => change.Version <= version).ToList().ForEach(resolve);
        Forget();
    }

    private void Forget() => _changes.RemoveAll(change => change.IsAnswered && change.Version <= _acceptedVersion);
}
