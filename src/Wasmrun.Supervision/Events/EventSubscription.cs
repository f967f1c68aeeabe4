using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Wasmrun.Supervision.Events;

/// <summary>One reader's share of the <see cref="EventStream"/>: bounded, so that a reader who sleeps costs a fixed amount.</summary>
public sealed class EventSubscription : IDisposable
{
    internal const int Capacity = 4096;
    private readonly EventStream _stream;
    private readonly Channel<StackEvent> _channel = Channel.CreateBounded<StackEvent>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private long _expected;

    /// <summary>A reader that knows which event comes first, and so whether it was dropped.</summary>
    internal EventSubscription(EventStream stream, long expected)
    {
        _stream = stream;
        _expected = expected;
    }

    /// <summary>Events in order until the subscription is disposed; an <see cref="StackEventKind.EventsMissed"/> stands where some were dropped.</summary>
    public async IAsyncEnumerable<StackEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var next in _channel.Reader.ReadAllAsync(token))
        {
            if (next.Sequence > _expected)
            {
                yield return Missed(next, next.Sequence - _expected);
            }

            _expected = next.Sequence + 1;
            yield return next;
        }
    }

    public void Dispose()
    {
        _stream.Remove(this);
        _channel.Writer.TryComplete();
    }

    internal void Complete() => _channel.Writer.TryComplete();

    internal void Offer(StackEvent published) => _channel.Writer.TryWrite(published);

    private static StackEvent Missed(StackEvent next, long count) => next with
    {
        Sequence = next.Sequence - 1,
        Service = null,
        Instance = null,
        Generation = 0,
        Kind = StackEventKind.EventsMissed,
        Cause = $"{count} events were dropped because they were not read in time",
        Attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["missed"] = count.ToString(CultureInfo.InvariantCulture) },
    };
}
