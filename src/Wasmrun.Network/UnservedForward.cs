using Wasmrun.Network.Forwards;

namespace Wasmrun.Network;

/// <summary>A forward whose guest port nobody listens on, and what its service listens on instead.</summary>
/// <param name="Listening">Ports of the same protocol that no forward targets; empty when the service does not listen at all.</param>
public sealed record UnservedForward(BoundForward Forward, IReadOnlyList<int> Listening);
