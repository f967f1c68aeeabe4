using Microsoft.Extensions.Time.Testing;

namespace Wasmrun.Tests.Reconciliation.Sequences;

/// <summary>
/// A clock that the test moves on whenever it waits. What only bounds how long something may take at most never happens, because
/// on a busy machine the clock may be far ahead of what it bounds.
/// </summary>
internal sealed class PatientTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero))
{
    private const int TurnsOfOthers = 8;

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime >= s_bound ? Timeout.InfiniteTimeSpan : dueTime, period);

    /// <summary>Moves on until the condition holds.</summary>
    public async Task UntilAsync(Func<bool> condition, Func<string> missing)
    {
        var begun = System.GetTimestamp();
        while (!condition())
        {
            Assert.True(System.GetElapsedTime(begun) < TimeSpan.FromSeconds(60), missing());
            for (var turn = 0; turn < TurnsOfOthers && !condition(); turn++)
            {
                await Task.Yield();
            }

            Advance(s_step);
        }
    }

    /// <summary>Moves on until the task is done.</summary>
    public async Task<T> UntilAsync<T>(Task<T> task, Func<string> missing)
    {
        await UntilAsync(() => task.IsCompleted, missing);
        return await task;
    }
}
