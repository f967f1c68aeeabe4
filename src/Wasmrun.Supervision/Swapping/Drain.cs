using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Swapping;

/// <summary>Lets an instance finish what it has begun: no new clients, and time for those that it has.</summary>
internal static class Drain
{
    /// <summary>How long a connection must be quiet to be taken for idle; a client that asks again and again is never cut off.</summary>
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns when the last client has gone, the instance has ended, the time is over, or somebody is in a hurry.</summary>
    public static async Task RunAsync(IInstance instance, TimeSpan atMost, TimeProvider time, CancellationToken hurry)
    {
        instance.LeaveClients();
        var begun = time.GetTimestamp();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        while (instance.Clients > 0 && !instance.Completion.IsCompleted && !hurry.IsCancellationRequested && time.GetElapsedTime(begun) < atMost)
        {
            instance.EndIdleClients(s_quiet, andLocal: time.GetElapsedTime(begun) >= s_quiet);
            await Task.WhenAny(instance.Completion, Task.Delay(s_look, time, over.Token));
        }

        await over.CancelAsync();
    }
}
