using System.Collections.Frozen;

namespace Wasmrun.Supervision.Events;

/// <summary>
/// The one stream of everything that happens to a stack. Publishing never waits: a subscriber that does not keep up
/// loses the oldest events and is told how many. The newest events are kept for those who come later.
/// </summary>
public sealed class EventStream(string project, TimeProvider time)
{
    /// <summary>How many events are kept: as many as a subscriber may have unread.</summary>
    public const int Kept = EventSubscription.Capacity;

    private readonly Lock _gate = new();
    private readonly Queue<StackEvent> _kept = new();
    private readonly List<EventSubscription> _subscriptions = [];
    private long _sequence;

    /// <summary>The name of the stack that it is about.</summary>
    public string Project => project;

    /// <summary>The sequence of the event published last; 0 before the first.</summary>
    public long LastSequence => Interlocked.Read(ref _sequence);

    /// <summary>Starts to collect events for one reader. Dispose to end.</summary>
    /// <param name="since">Those that are kept since this moment come first; null begins with the next one.</param>
    public EventSubscription Subscribe(DateTimeOffset? since = null)
    {
        lock (_gate)
        {
            StackEvent[] earlier = since is { } moment ? [.. _kept.SkipWhile(kept => kept.Time < moment)] : [];
            var subscription = new EventSubscription(this, expected: earlier.FirstOrDefault()?.Sequence ?? _sequence + 1);
            foreach (var kept in earlier)
            {
                subscription.Offer(kept);
            }

            _subscriptions.Add(subscription);
            return subscription;
        }
    }

    /// <summary>The stack was taken down: those who read now read on to the last event and are done.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _subscriptions.ForEach(subscription => subscription.Complete());
            _subscriptions.Clear();
        }
    }

    /// <summary>Publishes to every subscriber, in the same order to each.</summary>
    /// <returns>The event's sequence.</returns>
    public long Publish(StackEventKind kind, string cause, EventSubject subject, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in attributes)
        {
            values[name] = value;
        }

        lock (_gate)
        {
            var published = new StackEvent(
                ++_sequence, time.GetUtcNow(), project, subject.Service, subject.Instance, subject.Generation, kind, cause, values.ToFrozenDictionary(StringComparer.Ordinal));
            if (_kept.Count == Kept)
            {
                _kept.Dequeue();
            }

            _kept.Enqueue(published);
            foreach (var subscription in _subscriptions)
            {
                subscription.Offer(published);
            }

            return _sequence;
        }
    }

    internal void Remove(EventSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
        }
    }
}

/// <summary>Whom an event concerns: the stack as a whole, a service, or one generation of an instance.</summary>
public readonly record struct EventSubject(string? Service, string? Instance, int Generation)
{
    public static EventSubject Stack { get; } = new(null, null, 0);

    public static EventSubject Of(string service) => new(service, null, 0);
}
