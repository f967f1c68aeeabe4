using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Swapping;

/// <summary>What an instance is given before it is told to stop: time for its clients and, if it wants that, time to end by itself.</summary>
internal static class Farewell
{
    /// <summary>The part of the grace period that busy clients leave to a guest that ends by itself, and the most of it.</summary>
    private const double ReservedPart = 0.25;

    private static readonly TimeSpan s_longestReserve = TimeSpan.FromSeconds(1);

    /// <summary>Returns when the instance has ended or has had its time, or somebody is in a hurry.</summary>
    public static async Task RunAsync(IInstance instance, TimeSpan gracePeriod, TimeProvider time, CancellationToken hurry)
    {
        var begun = time.GetTimestamp();
        await Drain.RunAsync(instance, instance.IsTerminable ? gracePeriod - Reserve(gracePeriod) : gracePeriod, time, hurry);
        if (!instance.IsTerminable || hurry.IsCancellationRequested)
        {
            return;
        }

        instance.Terminate();
        if (gracePeriod - time.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(hurry);
            await Task.WhenAny(instance.Completion, Task.Delay(left, time, over.Token));
            await over.CancelAsync();
        }
    }

    private static TimeSpan Reserve(TimeSpan gracePeriod) =>
        gracePeriod * ReservedPart is var part && part < s_longestReserve ? part : s_longestReserve;
}
