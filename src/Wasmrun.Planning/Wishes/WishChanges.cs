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
        IReadOnlyCollection<string> chosen = selected.Count == 0 ? [.. stack.Services.Select(service => service.Name)] : selected;
        stack = OneOffWishes.Keep(former, KeepScale(former, stack, selected));
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
    public static StackWish Restart(StackWish former, IReadOnlyCollection<string> services, TimeSpan? gracePeriod)
    {
        var asked = With(former, services, restart: true);
        return asked with
        {
            Services = asked.Services.ToDictionary(
                wish => wish.Key, wish => services.Contains(wish.Key) ? wish.Value with { GracePeriod = gracePeriod } : wish.Value, StringComparer.Ordinal),
        };
    }

    /// <summary>So many replicas of the services are to run, and what they depend on.</summary>
    public static StackWish Scale(StackWish former, IReadOnlyDictionary<string, int> replicas, bool withDependencies)
    {
        var scaled = former with { Stack = Scale(former.Stack, replicas) };
        var ticket = NextTicket(former);
        var wishes = new Dictionary<string, ServiceWish>(former.Services, StringComparer.Ordinal);
        var names = withDependencies ? WithDependencies(former.Stack, replicas.Where(entry => entry.Value > 0).Select(entry => entry.Key)) : [];
        foreach (var name in names.Union(replicas.Keys, StringComparer.Ordinal))
        {
            wishes[name] = former.IsToRun(name) ? Need(wishes.GetValueOrDefault(name), ticket) : Run(wishes.GetValueOrDefault(name), ticket, restart: false);
        }

        return scaled with { Services = wishes, LastTicket = ticket };
    }

    /// <summary>The stack with other numbers of replicas.</summary>
    public static StackSpec Scale(StackSpec stack, IReadOnlyDictionary<string, int> replicas) => stack with
    {
        Services = [.. stack.Services.Select(service => replicas.TryGetValue(service.Name, out var count) ? service with { Replicas = count } : service)],
    };

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
            wishes[name] = Need(wishes.GetValueOrDefault(name), ticket);
        }

        return former with { Services = wishes, LastTicket = ticket };
    }

    /// <summary>Services that are not asked for now have the number of replicas that somebody gave them.</summary>
    private static StackSpec KeepScale(StackWish? former, StackSpec stack, IReadOnlyCollection<string> selected) => former is null || selected.Count == 0
        ? stack
        : Scale(stack, former.Stack.Services
            .Where(service => !selected.Contains(service.Name, StringComparer.Ordinal))
            .ToDictionary(service => service.Name, service => service.Replicas, StringComparer.Ordinal));

    internal static ServiceWish Need(ServiceWish? former, long ticket) => former is { Target: ServiceTarget.Running } running
        ? running with { Asked = running.Asked with { Need = ticket } }
        : Run(former, ticket, restart: false);

    internal static long NextTicket(StackWish? former) => (former?.LastTicket ?? 0) + 1;

    internal static ServiceWish Run(ServiceWish? former, long ticket, bool restart)
    {
        var asked = former?.Asked ?? default;
        return new(ServiceTarget.Running, asked with { Start = ticket, Restart = restart ? ticket : asked.Restart });
    }

    private static Dictionary<string, ServiceWish> Declared(StackWish? former, StackSpec stack) => stack.Services
        .Select(service => service.Name)
        .Where(name => former?.Services.ContainsKey(name) ?? false)
        .ToDictionary(name => name, name => former!.Services[name], StringComparer.Ordinal);

    internal static HashSet<string> WithDependencies(StackSpec stack, IEnumerable<string> names)
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
