using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;

namespace Wasmrun.Planning.Ports;

/// <summary>Which of the forwards that a service is to have it already holds.</summary>
/// <param name="Kept">Held, and to be held.</param>
/// <param name="Surplus">Held, and not to be held.</param>
/// <param name="Missing">To be held, and not held.</param>
public sealed record ForwardMatch(
    IReadOnlyList<ObservedForward> Kept, IReadOnlyList<ObservedForward> Surplus, IReadOnlyList<ForwardSpec> Missing)
{
    public bool IsExact => Surplus.Count == 0 && Missing.Count == 0;

    public static ForwardMatch Of(IReadOnlyList<ForwardSpec> wanted, IReadOnlyList<ObservedForward> held)
    {
        var kept = new List<ObservedForward>();
        var missing = new List<ForwardSpec>();
        var unclaimed = held.ToList();
        foreach (var forward in wanted)
        {
            var index = unclaimed.FindIndex(candidate => IsMet(forward, candidate));
            if (index < 0)
            {
                missing.Add(forward);
                continue;
            }

            kept.Add(unclaimed[index]);
            unclaimed.RemoveAt(index);
        }

        return new(kept, unclaimed, missing);
    }

    private static bool IsMet(ForwardSpec wanted, ObservedForward held) =>
        wanted.GuestPort == held.GuestPort
        && wanted.Protocol == held.Protocol
        && (wanted.HostPort is null ? held.Automatic : wanted.HostPort == held.HostPort)
        && wanted.Addresses.Count == held.Addresses.Count
        && wanted.Addresses.All(held.Addresses.Contains);
}
