using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Wasmrun.Tests.Supervision.Fakes;

/// <summary>A clock that stands until the test moves it, and says which delays somebody waits for, so that a test never moves it too early.</summary>
internal sealed class ObservedTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero))
{
    /// <summary>How long a service may not listen before the runner says so; always waited for, so no test waits for it by chance.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How often a reconciler looks again; always waited for as well.</summary>
    public static readonly TimeSpan Resync = TimeSpan.FromSeconds(7777);

    /// <summary>How long an instance may warm up; waited for in every swap.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(60);

    private readonly Channel<TimeSpan> _delays = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime != Patience && dueTime != Resync && dueTime != WarmUp)
        {
            _delays.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    /// <summary>The next delay that somebody has begun to wait for.</summary>
    public async Task<TimeSpan> NextDelayAsync() =>
        await _delays.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>Done when somebody has begun to wait so long; shorter and longer delays of others are passed over.</summary>
    public async Task HasDelayAsync(TimeSpan delay)
    {
        while (await NextDelayAsync() != delay)
        {
        }
    }

    /// <summary>Done when there is a next delay, which stays the next one.</summary>
    public async Task HasDelayAsync() =>
        await _delays.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>
    /// Lets every delay pass that somebody waits for, until something is done. For what waits in more than one place, so that nobody
    /// can say which of the delays is the next.
    /// </summary>
    public async Task<T> PassDelaysUntilAsync<T>(Task<T> done)
    {
        while (await Task.WhenAny(done, HasDelayAsync()) != done)
        {
            await PassDelayAsync();
        }

        return await done;
    }

    /// <summary>Lets the next delay that somebody waits for pass.</summary>
    /// <returns>Its length.</returns>
    public async Task<TimeSpan> PassDelayAsync()
    {
        var delay = await NextDelayAsync();
        Advance(delay);
        return delay;
    }
}
