using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Services;

/// <summary>What one replica uses at one moment; the row of <c>stats</c> and <c>top</c>.</summary>
/// <param name="Name">The instance's name, <c>web-1</c>.</param>
/// <param name="Generation">Which start of the instance, counting from 1.</param>
/// <param name="TakenAt">The moment.</param>
/// <param name="Processor">Processor time since the instance started.</param>
/// <param name="MemoryBytes">The size of its memory.</param>
/// <param name="MemoryLimit">What that may grow to; null for no bound of its own.</param>
/// <param name="Cpus">The share of a core that it may use; null for no bound.</param>
/// <param name="Connections">Clients that it serves now.</param>
/// <param name="Command">The path of what runs, and its arguments.</param>
public sealed record InstanceStats(
    string Service,
    string Name,
    int Generation,
    DateTimeOffset TakenAt,
    DateTimeOffset? StartedAt,
    TimeSpan Processor,
    long MemoryBytes,
    long? MemoryLimit,
    double? Cpus,
    int Connections,
    IReadOnlyList<string> Command)
{
    internal static InstanceStats Of(ServiceSupervisor service, Replica replica, InstanceUsage usage, DateTimeOffset now) => new(
        service.Name,
        replica.Name,
        replica.State.Generation,
        now,
        replica.State.StartedAt,
        usage.Processor,
        usage.MemoryBytes,
        service.Spec.Limits.MemoryBytes,
        service.Spec.Limits.Cpus,
        replica.Clients,
        [service.Spec.SourcePath, .. service.Spec.Command]);
}
