using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;

namespace Wasmrun.Planning.Wishes;

/// <summary>What somebody wants the stack to be, now and until they say otherwise.</summary>
/// <param name="Services">The wish for each service; services of the stack that are not in it are left as they are.</param>
/// <param name="RemoveOrphans">Stop and remove what the stack does not declare.</param>
/// <param name="RemoveVolumes">Remove named volumes that the stack does not declare.</param>
public sealed record StackWish(
    StackSpec Stack, IReadOnlyDictionary<string, ServiceWish> Services, bool RemoveOrphans, bool RemoveVolumes)
{
    /// <summary>
    /// The number of the newest request. One count for the whole stack: a service that leaves and comes back must not be
    /// asked with numbers that it has answered before.
    /// </summary>
    public long LastTicket { get; init; } = 1;

    /// <summary>For what is removed: instead of the services' own grace periods.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>Whether instances of the service are to run.</summary>
    public bool IsToRun(string service) =>
        Services.TryGetValue(service, out var wish)
        && wish.Target == ServiceTarget.Running
        && !Stack.Services.Any(spec => spec.Replicas == 0 && string.Equals(spec.Name, service, StringComparison.Ordinal));

    /// <summary>The services and, of those that are to run, what they depend on.</summary>
    public IReadOnlySet<string> Needed(IReadOnlyCollection<string> services) =>
        services.Concat(WishChanges.WithDependencies(Stack, services.Where(IsToRun))).ToHashSet(StringComparer.Ordinal);

    /// <summary>That part of the wish which asks for services to stop, and nothing else of them or of others.</summary>
    public StackWish OnlyStops() => this with
    {
        Services = Services.Where(wish => wish.Value.Target == ServiceTarget.Stopped).ToDictionary(StringComparer.Ordinal),
        RemoveOrphans = false,
        RemoveVolumes = false,
    };

    /// <summary>Whether the manifest declares the service, be it under a profile that is off.</summary>
    public bool Declares(string service) =>
        Stack.Services.Any(declared => string.Equals(declared.Name, service, StringComparison.Ordinal)) || Stack.SwitchedOff.Contains(service, StringComparer.Ordinal);

    /// <summary>Everything runs.</summary>
    public static StackWish Up(StackSpec stack) => new(
        stack,
        stack.Services.ToDictionary(service => service.Name, _ => new ServiceWish(ServiceTarget.Running, new(1, 0)), StringComparer.Ordinal),
        RemoveOrphans: false,
        RemoveVolumes: false);

    /// <summary>Nothing is left of the stack.</summary>
    public static StackWish Down(StackSpec stack, bool removeVolumes) => new(
        stack with { Services = [], Volumes = [], SwitchedOff = [] },
        new Dictionary<string, ServiceWish>(StringComparer.Ordinal),
        RemoveOrphans: true,
        removeVolumes);
}

/// <summary>The wish for one service.</summary>
/// <param name="Asked">The newest requests to start and to restart it.</param>
public sealed record ServiceWish(ServiceTarget Target, Tickets Asked)
{
    /// <summary>For a stop or a restart that was asked for: instead of the service's own grace period.</summary>
    public TimeSpan? GracePeriod { get; init; }
}

/// <summary>What a service is to be.</summary>
public enum ServiceTarget
{
    Running,
    Stopped,
}
