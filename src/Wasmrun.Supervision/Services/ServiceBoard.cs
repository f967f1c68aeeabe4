using Wasmrun.Supervision.Events;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// The state of one service, for those who watch it. A state and the event that tells of it change as one: whoever has
/// read the event finds the state, and whoever waits for a state misses none that lasts.
/// </summary>
internal sealed class ServiceBoard(string service, string instance, EventStream events)
{
    private readonly Lock _gate = new();
    private ServiceState _current = ServiceState.Initial;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServiceState Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>Changes the state and tells why.</summary>
    public void Move(
        StackEventKind kind, string cause, Func<ServiceState, ServiceState> change, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        lock (_gate)
        {
            var next = change(_current);
            var sequence = events.Publish(kind, cause, new(service, instance, next.Generation), attributes);
            _current = next with { EventSequence = sequence };
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Changes the state, and tells why, if the condition holds for it.</summary>
    public void MoveIf(Func<ServiceState, bool> condition, StackEventKind kind, string cause, Func<ServiceState, ServiceState> change)
    {
        lock (_gate)
        {
            if (condition(_current))
            {
                Move(kind, cause, change);
            }
        }
    }

    /// <summary>Tells of something that leaves the state as it is.</summary>
    public void Note(StackEventKind kind, string cause, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Move(kind, cause, state => state, attributes);

    /// <summary>Waits for a state; those that are left again before anybody looks may be missed.</summary>
    public async Task<ServiceState> WaitAsync(Func<ServiceState, bool> condition, CancellationToken token)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (condition(_current))
                {
                    return _current;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(token);
        }
    }
}
