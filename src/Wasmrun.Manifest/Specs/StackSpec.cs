namespace Wasmrun.Manifest.Specs;

/// <summary>What the user wrote, validated: one stack of services. Paths are absolute, names are checked, ports are in range.</summary>
/// <param name="Name">The project's name, <c>[a-z0-9][a-z0-9_-]*</c>.</param>
/// <param name="Directory">The absolute folder that relative paths of the manifest start from.</param>
/// <param name="Files">
/// The absolute paths of the files the stack was read from: the base first, the files merged over it, then what they pull in
/// (included and extended manifests, environment files).
/// </param>
public sealed record StackSpec(
    string Name,
    string Directory,
    IReadOnlyList<string> Files,
    IReadOnlyList<ServiceSpec> Services,
    IReadOnlyList<NetworkSpec> Networks,
    IReadOnlyList<VolumeSpec> Volumes)
{
    /// <summary>The names of the services that are declared under profiles that are off.</summary>
    public IReadOnlyList<string> SwitchedOff { get; init; } = [];
}
