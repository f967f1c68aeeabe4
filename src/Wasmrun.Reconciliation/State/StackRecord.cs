using Wasmrun.Planning.Wishes;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Reconciliation.State;

/// <summary>
/// What a runner has written down of its stack: what is wished and what there is. While the runner runs it is a moment old at most;
/// one that is there without a runner says that the runner was killed.
/// </summary>
/// <param name="Runner">The process id of the runner.</param>
public sealed record StackRecord(
    int Runner,
    DateTimeOffset WrittenAt,
    string Project,
    string Directory,
    IReadOnlyList<string> Files,
    IReadOnlyList<DesiredService> Desired,
    IReadOnlyList<RecordedInstance> Observed)
{
    internal static StackRecord Of(int runner, DateTimeOffset now, StackWish wish, IReadOnlyList<ServiceStatus> observed) => new(
        runner,
        now,
        wish.Stack.Name,
        wish.Stack.Directory,
        wish.Stack.Files,
        [.. wish.Stack.Services
            .Where(service => wish.Services.ContainsKey(service.Name))
            .Select(service => new DesiredService(service.Name, wish.Services[service.Name].Target == ServiceTarget.Running, service.Replicas))],
        [.. observed.Select(RecordedInstance.Of)]);
}

/// <summary>What is wished for a service.</summary>
/// <param name="Runs">False when somebody has stopped it.</param>
public sealed record DesiredService(string Service, bool Runs, int Replicas);

/// <summary>What there is of one replica; the words are those of <c>ps</c>.</summary>
public sealed record RecordedInstance(
    string Service,
    string Name,
    string State,
    string Health,
    int Generation,
    int? ExitCode,
    int Restarts,
    DateTimeOffset? StartedAt,
    string? Reason,
    IReadOnlyList<Publisher> Publishers)
{
    internal static RecordedInstance Of(ServiceStatus status) => new(
        status.Service,
        status.Name,
        status.State.ToString().ToLowerInvariant(),
        status.Health.ToString().ToLowerInvariant(),
        status.Generation,
        status.ExitCode,
        status.Restarts,
        status.StartedAt,
        status.Reason,
        status.Publishers);
}
