namespace Wasmrun.Manifest.Specs;

/// <summary>A further name of a service, for the other services on one of its networks.</summary>
public sealed record NetworkAliasSpec(string Network, string Name);
