namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>What the host side of a guest knows of it: all of it addresses and values in the engine's memory.</summary>
/// <param name="Callbacks">The functions that the host calls, by their names.</param>
/// <param name="Control">Address of the block in which the timers say what the loop has to do.</param>
/// <param name="ContextAtom">Under which promises keep their context; 0 when they keep none.</param>
internal sealed record HostState(IReadOnlyDictionary<string, long> Callbacks, uint Control, int ContextAtom);
