namespace Wasmrun.Network;

/// <summary>A further name of a service, for the other services on one of its networks.</summary>
public sealed record NetworkAlias(string Network, string Name);
