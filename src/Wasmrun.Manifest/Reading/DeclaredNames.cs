namespace Wasmrun.Manifest.Reading;

/// <summary>What the stack declares, which is what its services may refer to.</summary>
internal sealed record DeclaredNames(IReadOnlyCollection<string> Networks, IReadOnlyCollection<string> Volumes, DeclaredGrants Secrets, DeclaredGrants Configs);
