using Wasmrun.Manifest.Specs;

namespace Wasmrun.Planning.Wishes;

/// <summary>What the commands make of a wish: each takes the present one and gives the next.</summary>
public static class WishChanges
{
    /// <summary>The manifest as it is now is to run, or some of its services.</summary>
    /// <param name="former">The present wish; null when there is none.</param>
    /// <param name="selected">Services to run; empty for all.</param>
    /// <param name="withDependencies">Whether what the selected ones depend on is to run too.</param>
    /// <param name="isForced">Replace instances that are up to date.</param>
    public static StackWish Apply(
        StackWish? former, StackSpec stack, IReadOnlyCollection<string> selected, bool withDependencies, bool isForced, bool removeOrphans)
    {
        IEnumerable<string> chosen = selected.Count == 0 ? stack.Services.Select(service => service.Name) : selected;
        var wanted = withDependencies ? WithDependencies(stack, chosen) : chosen.ToHashSet(StringComparer.Ordinal);
        var wishes = Declared(former, stack);
        var ticket = NextTicket(former);
        foreach (var name in wanted)
        {
            wishes[name] = Run(wishes.GetValueOrDefault(name), ticket, restart: isForced);
        }

        return new(withDependencies ? stack : Without(stack, wanted, wishes), wishes, removeOrphans, RemoveVolumes: false) { LastTicket = ticket };
    }

    /// <summary>The services are to be started anew, and what they depend on is to run.</summary>
    public static StackWish Restart(StackWish former, IReadOnlyCollection<string> services) =>
        With(former, services, restart: true);

    /// <summary>The services and what they depend on are to run.</summary>
    public static StackWish Start(StackWish former, IReadOnlyCollection<string> services) =>
        With(former, services, restart: false);

    /// <summary>The services are not to run.</summary>
    public static StackWish Stop(StackWish former, IReadOnlyCollection<string> services, TimeSpan? gracePeriod)
    {
        var wishes = new Dictionary<string, ServiceWish>(former.Services, StringComparer.Ordinal);
        foreach (var name in services)
        {
            wishes[name] = new(ServiceTarget.Stopped, wishes.GetValueOrDefault(name)?.Asked ?? default) { GracePeriod = gracePeriod };
        }

        return former with { Services = wishes };
    }

    private static StackWish With(StackWish former, IReadOnlyCollection<string> services, bool restart)
    {
        var ticket = NextTicket(former);
        var wishes = new Dictionary<string, ServiceWish>(former.Services, StringComparer.Ordinal);
        foreach (var name in services)
        {
            wishes[name] = Run(wishes.GetValueOrDefault(name), ticket, restart);
        }

        // What is needed is started, also after it failed; what has done its work, or runs, is left alone.
        foreach (var name in WithDependencies(former.Stack, services).Except(services, StringComparer.Ordinal))
        {
            wishes[name] = wishes.GetValueOrDefault(name) is { Target: ServiceTarget.Running } running
                ? running with { Asked = running.Asked with { Need = ticket } }
                : Run(wishes.GetValueOrDefault(name), ticket, restart: false);
        }

        return former with { Services = wishes, LastTicket = ticket };
    }

    private static long NextTicket(StackWish? former) => (former?.LastTicket ?? 0) + 1;

    private static ServiceWish Run(ServiceWish? former, long ticket, bool restart)
    {
        var asked = former?.Asked ?? default;
        return new(ServiceTarget.Running, asked with { Start = ticket, Restart = restart ? ticket : asked.Restart });
    }

    private static Dictionary<string, ServiceWish> Declared(StackWish? former, StackSpec stack) => stack.Services
        .Select(service => service.Name)
        .Where(name => former?.Services.ContainsKey(name) ?? false)
        .ToDictionary(name => name, name => former!.Services[name], StringComparer.Ordinal);

    private static HashSet<string> WithDependencies(StackSpec stack, IEnumerable<string> names)
    {
        var specs = stack.Services.ToDictionary(service => service.Name, StringComparer.Ordinal);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(names);
        while (open.TryDequeue(out var name))
        {
            if (specs.TryGetValue(name, out var spec) && found.Add(name))
            {
                foreach (var dependency in spec.DependsOn)
                {
                    open.Enqueue(dependency.Service);
                }
            }
        }

        return found;
    }

    /// <summary>Nobody waits for what is not to run.</summary>
    private static StackSpec Without(StackSpec stack, HashSet<string> wanted, Dictionary<string, ServiceWish> wishes) => stack with
    {
        Services = [.. stack.Services.Select(service => wanted.Contains(service.Name)
            ? service with { DependsOn = [.. service.DependsOn.Where(dependency => wishes.ContainsKey(dependency.Service))] }
            : service)],
    };
}
