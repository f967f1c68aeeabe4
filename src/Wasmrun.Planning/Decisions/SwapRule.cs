using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Planning.Observation;

namespace Wasmrun.Planning.Decisions;

/// <summary>
/// Whether a new instance can come up beside the old one. It needs clients to hand over, which TCP forwards bring, a place on
/// the same networks, and nothing that only one instance may have.
/// </summary>
internal static class SwapRule
{
    public static bool Allows(ServiceSpec spec, ObservedService known, Fingerprint fingerprint, IReadOnlyList<VolumeSpec> volumes) =>
        spec.UpdateOrder == UpdateOrder.StartFirst
        && known.Phase == ServicePhase.Running
        && spec.Forwards.Count > 0
        && spec.Forwards.All(forward => forward.Protocol == TransportProtocol.Tcp)
        && string.Equals(known.Fingerprint?.Network, fingerprint.Network, StringComparison.Ordinal)
        && !spec.Mounts.Concat(known.Spec.Mounts).OfType<MountSpec.Named>().Any(mount => volumes.Any(
            volume => volume.Exclusive && string.Equals(volume.Name, mount.Volume, StringComparison.Ordinal)));
}
