using Microsoft.Extensions.Time.Testing;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Tests.Supervision.Events;

public sealed class EventStreamTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LateSubscriber_ReadsWhatIsKeptSinceAMoment_ThenWhatComes()
    {
        var stream = new EventStream("shop", _time);
        stream.Publish(StackEventKind.Started, "first", EventSubject.Stack);
        _time.Advance(TimeSpan.FromSeconds(1));
        var since = _time.GetUtcNow();
        stream.Publish(StackEventKind.Started, "second", EventSubject.Stack);

        using var subscription = stream.Subscribe(since);
        stream.Publish(StackEventKind.Started, "third", EventSubject.Stack);
        stream.Finish();

        Assert.Equal(["second", "third"], await subscription.ReadAllAsync(Token).Select(happened => happened.Cause).ToListAsync(Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SubscriberThatDoesNotReadInTime_IsToldHowManyEventsItMissed(bool hasRead)
    {
        var stream = new EventStream("shop", _time);
        using var subscription = stream.Subscribe();
        await using var reader = subscription.ReadAllAsync(Token).GetAsyncEnumerator(Token);
        if (hasRead)
        {
            stream.Publish(StackEventKind.Started, "first", EventSubject.Stack);
            Assert.True(await reader.MoveNextAsync());
        }

        for (var number = 1; number <= EventStream.Kept + 3; number++)
        {
            stream.Publish(StackEventKind.Started, "again", EventSubject.Stack);
        }

        Assert.True(await reader.MoveNextAsync());
        Assert.Equal((StackEventKind.EventsMissed, "3"), (reader.Current.Kind, reader.Current.Attributes["missed"]));
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(StackEventKind.Started, reader.Current.Kind);
    }

    [Fact]
    public async Task OldestEvents_AreForgotten()
    {
        var stream = new EventStream("shop", _time);
        for (var number = 1; number <= EventStream.Kept + 3; number++)
        {
            stream.Publish(StackEventKind.Started, "again", EventSubject.Stack);
        }

        using var subscription = stream.Subscribe(DateTimeOffset.MinValue);
        stream.Finish();

        var sequences = await subscription.ReadAllAsync(Token).Select(happened => happened.Sequence).ToListAsync(Token);
        Assert.Equal((4, EventStream.Kept), (sequences[0], sequences.Count));
    }
}
