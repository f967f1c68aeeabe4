namespace Wasmrun.Network.Kernel;

/// <summary>
/// Unwinds a guest's thread out of a host call when its instance is told to stop. It passes through the WebAssembly
/// frames as the inner exception of the engine's own, and only the owner of the instance's thread catches it.
/// </summary>
public sealed class GuestStoppedException() : Exception("the instance was told to stop");
