using Wasmrun.Reconciliation;

namespace Wasmrun.Control.Server;

/// <summary>
/// Who listens at the moment to an instance that runs once; and the end of a runner that was started for nothing but them.
/// </summary>
/// <param name="mayRetire">Whether the runner is to end when nobody listens any more and nothing else runs.</param>
internal sealed class OneOffSessions(StackReconciler reconciler, TimeProvider time, Func<bool> mayRetire)
{
    /// <summary>How long somebody may take to read the last lines when the stack is taken down.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<Session> _listening = [];
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    /// <summary>Done when the runner takes no request any more because there is nothing left to run.</summary>
    public Task Retired => _retired.Task;

    /// <summary>Whether nothing is to run once.</summary>
    public bool IsIdle => Volatile.Read(ref _running) == 0;

    public Session Open()
    {
        var session = new Session(this);
        Interlocked.Increment(ref _running);
        lock (_gate)
        {
            _listening.Add(session);
        }

        return session;
    }

    /// <summary>Waits until everybody has read to the end what was taken down.</summary>
    public async Task FinishAsync()
    {
        Task[] open;
        lock (_gate)
        {
            open = [.. _listening.Select(session => session.Closed)];
        }

        if (open.Length > 0)
        {
            using var patience = new CancellationTokenSource();
            await Task.WhenAny(Task.WhenAll(open), Task.Delay(s_lastWords, time, patience.Token));
            await patience.CancelAsync();
        }
    }

    private Task<bool> TryRetireAsync() => reconciler.TryRetireAsync(() => IsIdle && mayRetire());

    /// <summary>One request, from its arrival until it has been answered to the end.</summary>
    public sealed class Session(OneOffSessions sessions) : IAsyncDisposable
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _hasLeft;

        internal Task Closed => _closed.Task;

        /// <summary>Nothing of it runs any more. The last one takes the stack down, if there is nothing else.</summary>
        /// <returns>Whether the runner ends.</returns>
        public async Task<bool> LeaveAsync()
        {
            if (!_hasLeft)
            {
                _hasLeft = true;
                if (Interlocked.Decrement(ref sessions._running) == 0 && await sessions.TryRetireAsync())
                {
                    sessions._retired.TrySetResult();
                }
            }

            return sessions.Retired.IsCompleted;
        }

        public async ValueTask DisposeAsync()
        {
            await LeaveAsync();
            lock (sessions._gate)
            {
                sessions._listening.Remove(this);
            }

            _closed.TrySetResult();
        }
    }
}
