using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Validation;

/// <summary>Whether as many replicas of a service can run as are asked for, in the manifest or later.</summary>
public static class ReplicaRule
{
    /// <summary>The most replicas of one service; each has a thread and a memory of its own.</summary>
    public const int Most = 1000;

    /// <summary>Why not, for each service that asks for too much.</summary>
    public static IReadOnlyList<string> Complaints(StackSpec stack) =>
        [.. stack.Services.Select(service => Complain(service, stack.Volumes)).OfType<string>()];

    /// <summary>Why not; null when they can.</summary>
    public static string? Complain(ServiceSpec service, IReadOnlyList<VolumeSpec> volumes) => service.Replicas is < 0 or > Most
        ? $"service '{service.Name}' cannot have {service.Replicas} replicas; give a number from 0 to {Most}"
        : service.Replicas > 1 && service.Mounts.OfType<MountSpec.Named>().FirstOrDefault(mount => volumes.Any(
            volume => volume.Exclusive && string.Equals(volume.Name, mount.Volume, StringComparison.Ordinal))) is { } shared
            ? $"service '{service.Name}' cannot have {service.Replicas} replicas, because only one instance at a time may have its volume '{shared.Volume}'; "
              + "let it have one replica, or take 'exclusive' from the volume"
            : null;
}
