using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Planning.Observation;

namespace Wasmrun.Tests.Planning;

/// <summary>Observations of services that were started from their specification, unless a test says otherwise.</summary>
internal static class Seen
{
    public const string Content = "content";

    public static ObservedStack Stack(params ObservedService[] services) => ObservedStack.Empty with
    {
        Services = services,
        ModuleHashes = services.ToDictionary(service => service.Name, _ => Content, StringComparer.Ordinal),
        Volumes = [.. services.SelectMany(service => service.Spec.Mounts).OfType<MountSpec.Named>().Select(mount => mount.Volume).Distinct(StringComparer.Ordinal)],
    };

    public static ObservedService Running(ServiceSpec spec) => In(ServicePhase.Running, spec);

    /// <summary>The service holds every forward of its specification, automatic ones at a port of their own.</summary>
    public static ObservedService In(ServicePhase phase, ServiceSpec spec) => new(
        spec,
        phase,
        Fingerprints.Of(spec, [], Content),
        phase == ServicePhase.Stopped
            ? []
            : [.. spec.Forwards.Select(forward => new ObservedForward(
                forward.Addresses, forward.HostPort ?? 20000 + forward.GuestPort, forward.GuestPort, forward.Protocol, forward.HostPort is null))],
        new(1, 0));
}
