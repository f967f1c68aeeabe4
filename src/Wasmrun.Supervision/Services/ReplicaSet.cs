using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Supervision.Services;

/// <summary>The replicas of one service, numbered from 1 without gaps. There is always at least the first, whether it runs or not.</summary>
internal sealed class ReplicaSet
{
    private readonly Lock _gate = new();
    private readonly ServiceSpec _service;
    private readonly LogStore _logs;
    private readonly EventStream _events;
    private readonly Action _over;
    private readonly TimeProvider _time;
    private readonly HashSet<int> _active = [];
    private IReadOnlyList<Replica> _replicas;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes the first replica known; nothing runs yet.</summary>
    /// <param name="over">
    /// Called when the last of them that ran, or was to run again by itself, does so no more, before anybody can see or change that.
    /// </param>
    public ReplicaSet(ServiceSpec service, LogStore logs, EventStream events, Action over, TimeProvider time)
    {
        _service = service;
        _logs = logs;
        _events = events;
        _over = over;
        _time = time;
        _replicas = [Make(1)];
    }

    public IReadOnlyList<Replica> All
    {
        get
        {
            lock (_gate)
            {
                return _replicas;
            }
        }
    }

    public Replica First => All[0];

    public IReadOnlyList<ServiceState> States => [.. All.Select(replica => replica.State)];

    /// <summary>Makes replicas until there are so many, which do not run yet.</summary>
    public void Grow(int count)
    {
        while (All.Count < count)
        {
            var added = Make(All.Count + 1);
            _events.Publish(StackEventKind.Created, "it is known from now on", new(_service.Name, added.Name, 0));
            Put([.. All, added]);
        }
    }

    /// <summary>Forgets the replicas beyond so many, which were stopped.</summary>
    public async Task ShrinkAsync(int count)
    {
        foreach (var removed in All.Skip(count).Reverse().ToList())
        {
            Put([.. All.Take(removed.Number - 1)]);
            await removed.DisposeAsync();
            _logs.Remove(removed.Name);
            _events.Publish(StackEventKind.Removed, "it is no longer known", new(_service.Name, removed.Name, 0));
        }
    }

    /// <summary>Waits for states of all of them at once; those that are left again before anybody looks may be missed.</summary>
    public async Task<IReadOnlyList<ServiceState>> WaitAsync(Func<IReadOnlyList<ServiceState>, bool> condition, CancellationToken token)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            var states = States;
            if (condition(states))
            {
                return states;
            }

            await changed.WaitAsync(token);
        }
    }

    private Replica Make(int number) => new(_service, number, _logs, _events, state => Note(number, state), _time);

    /// <summary>Under the lock of the replica's board, so a replica that is over does not begin anew meanwhile.</summary>
    private void Note(int number, ServiceState state)
    {
        var runs = !state.IsOver && state.Phase is not (ServicePhase.Created or ServicePhase.Waiting);
        bool wasLast;
        lock (_gate)
        {
            wasLast = !runs && _active.Remove(number) && _active.Count == 0;
            if (runs)
            {
                _active.Add(number);
            }
        }

        if (wasLast)
        {
            _over();
        }

        Signal();
    }

    private void Put(IReadOnlyList<Replica> replicas)
    {
        lock (_gate)
        {
            _replicas = replicas;
        }

        Signal();
    }

    private void Signal()
    {
        lock (_gate)
        {
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
