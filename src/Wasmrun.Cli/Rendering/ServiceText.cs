using System.Globalization;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Rendering;

/// <summary>The words of <c>ps</c> for what a service does, how it does, and where it is reached.</summary>
internal static class ServiceText
{
    /// <summary><c>Up 3 minutes</c>, <c>Restarting (1) 2 seconds ago, 4 clients wait</c>, <c>Exited (3) 5 seconds ago</c>.</summary>
    internal static string Status(ServiceStatus service, DateTimeOffset now) => service.WaitingClients switch
    {
        0 => Phase(service, now),
        1 => $"{Phase(service, now)}, 1 client waits",
        var clients => string.Create(CultureInfo.InvariantCulture, $"{Phase(service, now)}, {clients} clients wait"),
    };

    /// <summary>As compose writes it: empty when there is nothing to judge by.</summary>
    internal static string Health(HealthState health) => health == HealthState.None ? string.Empty : LowerCase(health.ToString());

    internal static string State(ServicePhase state) => LowerCase(state.ToString());

    /// <summary>Whether <c>ps</c> lists the service without <c>--all</c>: it runs, is about to, or failed to.</summary>
    internal static bool IsOfInterest(ServiceStatus service) =>
        service.State is not (ServicePhase.Created or ServicePhase.Exited or ServicePhase.Stopped);

    private static string Phase(ServiceStatus service, DateTimeOffset now)
    {
        var ago = service.EndedAt is { } ended ? $" {HumanDuration.Of(now - ended)} ago" : string.Empty;
        return service.State switch
        {
            ServicePhase.Running => service.StartedAt is { } started ? $"Up {HumanDuration.Of(now - started)}" : "Up",
            ServicePhase.Restarting => $"Restarting{Code(service)}{ago}",
            ServicePhase.Exited => $"Exited{Code(service)}{ago}",
            ServicePhase.Failed => $"Failed{Code(service)}{ago}",
            ServicePhase.Stopped => $"Stopped{ago}",
            var state => state.ToString(),
        };
    }

    private static string Code(ServiceStatus service) =>
        service.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $" ({code})") : string.Empty;

    private static string LowerCase(string name) => string.Create(name.Length, name, static (span, text) =>
    {
        text.CopyTo(span);
        span[0] = char.ToLowerInvariant(span[0]);
    });
}
