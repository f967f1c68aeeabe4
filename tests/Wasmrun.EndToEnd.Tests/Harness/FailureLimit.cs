namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>
/// The bound after which a test that waits for something gives up and fails. No test passes because of it: what is waited
/// for is an event, and the bound only turns a hang into a failure that says what was missing.
/// </summary>
internal static class FailureLimit
{
    public static TimeSpan Duration { get; } = TimeSpan.FromSeconds(90);

    /// <summary>For what compiles: a build on a busy machine is slow, not stuck.</summary>
    public static TimeSpan OfABuild { get; } = TimeSpan.FromMinutes(15);

    public static async Task<T> OrFail<T>(this Task<T> task, Func<string> missing)
    {
        await ((Task)task).OrFail(missing);
        return await task;
    }

    public static Task OrFail(this Task task, Func<string> missing) => task.OrFail(missing, Duration);

    public static async Task OrFail(this Task task, Func<string> missing, TimeSpan limit)
    {
        try
        {
            await task.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"gave up after {limit.TotalSeconds} s: {missing()}");
        }
    }
}
