using Wasmrun.Supervision.Events;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// The state of one replica of a service, for those who watch it. A state and the event that tells of it change as one: whoever
/// has read the event finds the state, and whoever waits for a state misses none that lasts.
/// </summary>
/// <param name="told">Called, under the board's lock, with the state after every change.</param>
internal sealed class ServiceBoard(string service, string instance, EventStream events, Action<ServiceState> told)
{
    private readonly Lock _gate = new();
    private ServiceState _current = ServiceState.Initial;
    private int _lastGeneration;
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

    /// <summary>The number of the next instance: each has its own, whether it comes to serve or not.</summary>
    public int NextGeneration() => Interlocked.Increment(ref _lastGeneration);

    /// <summary>Changes the state and tells why.</summary>
    public void Move(
        StackEventKind kind, string cause, Func<ServiceState, ServiceState> change, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        lock (_gate)
        {
            var next = change(_current);
            var sequence = events.Publish(kind, cause, new(service, instance, next.Generation), attributes);
            Put(next with { EventSequence = sequence });
        }
    }

    /// <summary>Changes the state, and tells why, if the condition holds for it.</summary>
    /// <returns>Whether it did.</returns>
    public bool MoveIf(
        Func<ServiceState, bool> condition,
        StackEventKind kind,
        string cause,
        Func<ServiceState, ServiceState> change,
        params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        lock (_gate)
        {
            if (!condition(_current))
            {
                return false;
            }

            Move(kind, cause, change, attributes);
            return true;
        }
    }

    /// <summary>Tells of something that leaves the state as it is.</summary>
    public void Note(StackEventKind kind, string cause, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Move(kind, cause, state => state, attributes);

    /// <summary>Tells of an instance that is not, or no longer, the one that serves; the state stays as it is.</summary>
    public void NoteOf(int generation, StackEventKind kind, string cause, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        lock (_gate)
        {
            var sequence = events.Publish(kind, cause, new(service, instance, generation), attributes);
            Put(_current with { EventSequence = sequence });
        }
    }

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

    private void Put(ServiceState next)
    {
        _current = next;
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        told(next);
    }
}
