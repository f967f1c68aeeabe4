using CsCheck;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Tests.Planning;

/// <summary>Random stacks, observations of them, and wishes, small enough that everything that can meet does.</summary>
internal static class Gens
{
    private static readonly string[] s_names = ["a", "b", "c", "d", "e"];

    private static readonly int[] s_replicas = [1, 1, 1, 1, 2, 3, 3, 0];

    /// <summary>A stack whose dependencies form no circle and whose fixed host ports are all different.</summary>
    public static Gen<StackSpec> Stack { get; } =
        from chosen in Gen.Bool.Array[s_names.Length]
        from seeds in Gen.Int[0, int.MaxValue].Array[s_names.Length]
        from ports in Gen.Shuffle(Enumerable.Range(8080, 8).ToArray())
        select Written.Stack([.. s_names.Where((_, index) => chosen[index]).Select((name, index) => Service(name, seeds[index], ports[index], s_names))]);

    public static Gen<ObservedStack> Observation { get; } =
        from stack in Stack
        from phases in Gen.Enum<ServicePhase>().Array[s_names.Length]
        from contents in Gen.Bool.Select(isNew => isNew ? "new" : "old").Array[s_names.Length]
        from tickets in Gen.Long[0, 2].Array[s_names.Length]
        from others in Gen.Enum<ServicePhase>().List[0, 3].Array[s_names.Length]
        select new ObservedStack(
            [.. stack.Services.Select((service, index) => Observe(service, phases[index], others[index], contents[index], tickets[index]))],
            [.. stack.Volumes.Select(volume => volume.Name)],
            s_names.ToDictionary(name => name, _ => "new", StringComparer.Ordinal),
            []);

    public static Gen<StackWish> Wish { get; } =
        from stack in Stack
        from wished in Gen.Int[0, 3].Array[s_names.Length]
        from tickets in Gen.Long[1, 3].Array[s_names.Length]
        from orphans in Gen.Bool
        select new StackWish(
            stack,
            stack.Services
                .Select((service, index) => (service.Name, Wished: wished[index], Ticket: tickets[index]))
                .Where(entry => entry.Wished > 0)
                .ToDictionary(
                    entry => entry.Name,
                    entry => new ServiceWish(entry.Wished == 1 ? ServiceTarget.Stopped : ServiceTarget.Running, new(entry.Ticket, entry.Ticket)),
                    StringComparer.Ordinal),
            orphans,
            RemoveVolumes: false);

    private static ServiceSpec Service(string name, int seed, int port, string[] names)
    {
        var service = Written.Service(name) with
        {
            DependsOn =
            [
                .. names.TakeWhile(other => !string.Equals(other, name, StringComparison.Ordinal))
                    .Where((_, index) => (seed >> index & 1) == 1)
                    .Select(other => Written.Dependency(other, restart: (seed & 1 << 10) != 0)),
            ],
            Hold = TimeSpan.FromSeconds(seed >> 11 & 1),
            StopGracePeriod = TimeSpan.FromSeconds(seed >> 12 & 1),
            Replicas = s_replicas[seed >> 20 & 7],
            Limits = new((seed >> 23 & 1) << 20, null),
        };
        service = service.With("A", $"{seed >> 13 & 1}");
        service = (seed >> 14 & 1) == 1 ? service.Mounting($"volume{seed >> 15 & 1}") : service;
        service = (seed >> 16 & 1) == 1 ? service.Forwarding(port, 3000 + (seed >> 17 & 1), (seed >> 18 & 1) == 1 ? "127.0.0.1" : "0.0.0.0") : service;
        return (seed >> 19 & 1) == 1 ? service.Forwarding(null, 4000) : service;
    }

    /// <summary>Replicas of a service that runs may be anywhere; of one that does not, none runs.</summary>
    private static ObservedService Observe(ServiceSpec spec, ServicePhase phase, IReadOnlyList<ServicePhase> others, string content, long ticket) =>
        Seen.In(phase, spec) with
        {
            Fingerprint = phase == ServicePhase.Created ? null : Fingerprints.Of(spec, [], content),
            Forwards = [.. Seen.In(phase, spec).Forwards.Select(forward => forward.Automatic ? forward with { HostPort = 21000 + spec.Name[0] } : forward)],
            Served = new(ticket, ticket),
            Replicas = phase == ServicePhase.Running ? [phase, .. others] : [phase, .. others.Select(_ => phase)],
        };
}
