namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>Where an engine has what it is driven by, all of it in its memory: what has to be known beside that to go on with it.</summary>
/// <param name="Entry">The number of the function in the engine's table that all host functions come in through.</param>
/// <param name="RandomState">Address of what <c>Math.random</c> goes on from.</param>
internal sealed record EngineState(int Context, int Runtime, uint Scratch, uint Arguments, int Entry, uint RandomState, long CreateError);
