using Wasmrun.Manifest.Specs;

namespace Wasmrun.Planning.Wishes;

/// <summary>
/// Instances that run once beside what the manifest declares: they are in the wished stack from the moment they are asked for until they
/// have ended, and nothing that is wished for the rest of it concerns them.
/// </summary>
public static class OneOffWishes
{
    /// <summary>Those of a wish.</summary>
    public static IEnumerable<ServiceSpec> Of(StackWish? wish) => wish?.Stack.Services.Where(service => service.OneOffOf is not null) ?? [];

    /// <summary>Whether a name is one of those.</summary>
    public static bool Includes(StackWish? wish, string name) => Of(wish).Any(service => string.Equals(service.Name, name, StringComparison.Ordinal));

    /// <summary>The instance is to run, and what it depends on. What runs already stays what it is, whatever the manifest says by now.</summary>
    /// <param name="former">The present wish; null when there is none.</param>
    /// <param name="stack">The manifest as it is now.</param>
    /// <param name="hasEnded">Whether a service was started and does not run any more.</param>
    public static StackWish Add(StackWish? former, StackSpec stack, ServiceSpec oneOff, Func<string, bool> hasEnded)
    {
        var merged = former is null ? stack : Merge(former, stack, oneOff);
        merged = merged with { Services = [.. merged.Services, oneOff] };
        var ticket = WishChanges.NextTicket(former);
        var wishes = former is null ? new(StringComparer.Ordinal) : new Dictionary<string, ServiceWish>(former.Services, StringComparer.Ordinal);
        var needed = WishChanges.WithDependencies(merged, [oneOff.Name]);
        var completing = merged.Services
            .Where(service => needed.Contains(service.Name))
            .SelectMany(service => service.DependsOn)
            .Where(dependency => dependency.Condition == DependencyCondition.CompletedSuccessfully)
            .Select(dependency => dependency.Service)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var name in needed)
        {
            // What has done its work is not to do it again; what others expect to find running is.
            wishes[name] = hasEnded(name) && !completing.Contains(name)
                ? WishChanges.Run(wishes.GetValueOrDefault(name), ticket, restart: false)
                : WishChanges.Need(wishes.GetValueOrDefault(name), ticket);
        }

        return new(merged, wishes, RemoveOrphans: false, RemoveVolumes: false) { LastTicket = ticket };
    }

    /// <summary>The instance has ended, or is to.</summary>
    public static StackWish Remove(StackWish former, string name) => former with
    {
        Stack = former.Stack with { Services = [.. former.Stack.Services.Where(service => !string.Equals(service.Name, name, StringComparison.Ordinal))] },
        Services = former.Services.Where(wish => !string.Equals(wish.Key, name, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal),
        RemoveOrphans = false,
        RemoveVolumes = false,
    };

    /// <summary>Why the instance cannot be, whatever runs; null when it can.</summary>
    /// <param name="hasEnded">Whether a service was started and does not run any more.</param>
    public static string? Complain(StackWish? former, StackSpec stack, ServiceSpec oneOff, Func<string, bool> hasEnded)
    {
        var others = stack.Services.Concat(former?.Stack.Services ?? []).ToList();
        var namesake = others.Find(other => IsCalled(other, oneOff.Name));
        if (namesake is not null)
        {
            return namesake.OneOffOf is null
                ? $"the name '{oneOff.Name}' is that of service '{namesake.Name}' or of an instance of it; give another with --name"
                : $"'{oneOff.Name}' runs already; give another name with --name";
        }

        var exclusive = stack.Volumes.Where(volume => volume.Exclusive).Select(volume => volume.Name).ToHashSet(StringComparer.Ordinal);
        var wanted = Volumes(oneOff).FirstOrDefault(volume => exclusive.Contains(volume) && Holder(volume) is not null);
        return wanted is null
            ? null
            : $"only one instance at a time may have the volume '{wanted}', and '{Holder(wanted)}' has it; stop that first, or take 'exclusive' from the volume";

        string? Holder(string volume) => former?.Stack.Services.FirstOrDefault(other => former.IsToRun(other.Name) && !hasEnded(other.Name) && Volumes(other).Contains(volume, StringComparer.Ordinal))?.Name;
    }

    /// <summary>Why the manifest cannot be applied now; null when it can.</summary>
    public static string? Complain(StackWish? former, StackSpec stack) =>
        Of(former).FirstOrDefault(oneOff => stack.Services.Any(declared => IsCalled(declared, oneOff.Name))) is { } taken
            ? $"'{taken.Name}', which 'run' has started, has the name of a service of the manifest or of an instance of it; wait until it has ended, or end it with 'wasmrun kill {taken.Name}'"
            : null;

    /// <summary>The manifest together with the instances that run beside it.</summary>
    internal static StackSpec Keep(StackWish? former, StackSpec stack) => stack with { Services = [.. stack.Services, .. Of(former)] };

    /// <summary>
    /// What runs, and what that depends on, as it is known; the rest as the manifest says now. What is to have no replica runs as well as
    /// it is to, unless it is needed.
    /// </summary>
    private static StackSpec Merge(StackWish former, StackSpec stack, ServiceSpec oneOff)
    {
        var needed = WishChanges.WithDependencies(stack with { Services = [.. stack.Services, oneOff] }, [oneOff.Name]);
        var kept = WishChanges.WithDependencies(
            former.Stack,
            former.Services
                .Where(wish => former.IsToRun(wish.Key) || (wish.Value.Target == ServiceTarget.Running && !needed.Contains(wish.Key)))
                .Select(wish => wish.Key));
        var declared = stack.Services.ToDictionary(service => service.Name, StringComparer.Ordinal);
        var known = former.Stack.Services.Select(service => service.Name).ToHashSet(StringComparer.Ordinal);
        return former.Stack with
        {
            Services =
            [
                .. former.Stack.Services.Select(service => kept.Contains(service.Name) ? service : declared.GetValueOrDefault(service.Name, service)),
                .. stack.Services.Where(service => !known.Contains(service.Name)),
            ],
            Networks = [.. former.Stack.Networks.Concat(stack.Networks).DistinctBy(network => network.Name, StringComparer.Ordinal)],
            Volumes = [.. former.Stack.Volumes.Concat(stack.Volumes).DistinctBy(volume => volume.Name, StringComparer.Ordinal)],
        };
    }

    private static bool IsCalled(ServiceSpec service, string name) =>
        string.Equals(service.Name, name, StringComparison.Ordinal)
        || service.Aliases.Any(alias => string.Equals(alias.Name, name, StringComparison.Ordinal))
        || (service.OneOffOf is null
            && name.StartsWith(service.Name + "-", StringComparison.Ordinal)
            && name.AsSpan(service.Name.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0);

    private static IEnumerable<string> Volumes(ServiceSpec service) => service.Mounts.OfType<MountSpec.Named>().Select(mount => mount.Volume);
}
