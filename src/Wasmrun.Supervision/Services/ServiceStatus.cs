using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Services;

/// <summary>What one instance of one service looks like from outside at one moment; the row of <c>ps</c>.</summary>
/// <param name="Project">The stack's name.</param>
/// <param name="Service">The service's name in the manifest.</param>
/// <param name="Name">The instance's name, as compose writes it: <c>web-1</c>.</param>
/// <param name="ExitCode">Of the last instance that ended; null while none has.</param>
/// <param name="Publishers">One entry per host address and forward, also while the service does not run.</param>
/// <param name="Module">The absolute path of what runs.</param>
/// <param name="StartedAt">When the present or last instance started.</param>
/// <param name="Restarts">Restarts by the restart policy since the service was last started on request.</param>
/// <param name="Generation">Instances started so far, counting from 1; 0 when none was.</param>
/// <param name="WaitingClients">Clients of the service that wait in its forwards because nothing accepts them at the moment.</param>
/// <param name="Reason">Why the state is what it is, where there is something to say: what it waits for, how it failed.</param>
/// <param name="LastLines">The last log lines, for a service that failed; empty otherwise.</param>
/// <param name="EventSequence">The sequence of the last event that this status includes.</param>
public sealed record ServiceStatus(
    string Project,
    string Service,
    string Name,
    ServicePhase State,
    HealthState Health,
    int? ExitCode,
    IReadOnlyList<Publisher> Publishers,
    string Module,
    DateTimeOffset? StartedAt,
    int Restarts,
    int Generation,
    int WaitingClients,
    string? Reason,
    IReadOnlyList<string> LastLines,
    long EventSequence)
{
    /// <summary>When the last instance ended; null while none has.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>It is not healthy from its start on, and nothing is going to be done about it.</summary>
    public bool NeverBecameHealthy { get; init; }

    /// <summary>How many restarts there were in a row, each after an instance that did not last; 0 when the last one did.</summary>
    public int RestartsInARow { get; init; }

    /// <summary>There is something that its health is judged by: a check of its own or a forward.</summary>
    public bool IsJudged { get; init; }

    /// <summary>The service of which it is an instance that runs once; null for one of the manifest.</summary>
    public string? OneOffOf { get; init; }

    internal static ServiceStatus Of(string project, ServiceSupervisor service, Replica replica, int waitingClients)
    {
        var state = replica.State;
        return new(
            project,
            service.Name,
            replica.Name,
            state.Phase,
            state.Health,
            state.ExitCode,
            [.. service.Forwards.SelectMany(PublishersOf)],
            service.Spec.SourcePath,
            state.StartedAt,
            state.Restarts,
            state.Generation,
            waitingClients,
            state.Reason,
            state.LastLines,
            state.EventSequence)
        {
            EndedAt = state.EndedAt,
            NeverBecameHealthy = state.NeverBecameHealthy,
            RestartsInARow = state.RestartsInARow,
            IsJudged = service.Spec.Healthcheck is { } healthcheck ? healthcheck.Probe is not ProbeSpec.Disabled : service.Forwards.Count > 0,

            OneOffOf = service.Spec.OneOffOf,
        };
    }

    private static IEnumerable<Publisher> PublishersOf(HeldForward forward) => forward.EndPoints.Select(endPoint => new Publisher(
        endPoint.Address.ToString(), forward.Description.GuestPort, endPoint.Port, forward.Description.Protocol.ToString().ToLowerInvariant()));
}

/// <summary>One way to reach a service from the host.</summary>
/// <param name="Url">The host address, without the port: <c>127.0.0.1</c>.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
public sealed record Publisher(string Url, int TargetPort, int PublishedPort, string Protocol);
