using Wasmrun.Network.Forwards;

namespace Wasmrun.Network.Services;

/// <summary>Clients that were closed because nobody listened for too long.</summary>
/// <param name="Forward">Null for clients from other services of the stack.</param>
internal readonly record struct HoldExpiry(BoundForward? Forward, int Clients);
