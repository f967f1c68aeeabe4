using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Rendering;

/// <summary>A line of <c>ps --format json</c>. Names and meaning are those of compose, so that scripts carry over.</summary>
/// <param name="State"><c>running</c>, <c>exited</c>, <c>restarting</c> and so on.</param>
/// <param name="Health"><c>healthy</c>, <c>starting</c>, <c>unhealthy</c>, or empty.</param>
/// <param name="ExitCode">0 while nothing has ended.</param>
internal sealed record PsRow(
    string Name,
    string Project,
    string Service,
    string State,
    string Health,
    int ExitCode,
    IReadOnlyList<PsPublisher> Publishers,
    string Module,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    int Restarts,
    int WaitingClients,
    string? Reason)
{
    internal static PsRow Of(ServiceStatus service) => new(
        service.Name,
        service.Project,
        service.Service,
        ServiceText.State(service.State),
        ServiceText.Health(service.Health),
        service.ExitCode ?? 0,
        [.. service.Publishers.Select(publisher => new PsPublisher(
            publisher.Url, publisher.TargetPort, publisher.PublishedPort, publisher.Protocol))],
        service.Module,
        service.StartedAt,
        service.EndedAt,
        service.Restarts,
        service.WaitingClients,
        service.Reason);
}

/// <summary>One way to reach the service.</summary>
internal sealed record PsPublisher(string URL, int TargetPort, int PublishedPort, string Protocol);
