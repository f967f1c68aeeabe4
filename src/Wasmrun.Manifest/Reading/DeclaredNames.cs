namespace Wasmrun.Manifest.Reading;

/// <summary>The networks and volumes that the stack declares, which is what its services may refer to.</summary>
internal sealed record DeclaredNames(IReadOnlyCollection<string> Networks, IReadOnlyCollection<string> Volumes);
