namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>Pages of an engine's memory that follow each other.</summary>
/// <param name="Place">Where they begin, in bytes.</param>
internal readonly record struct MemoryRun(int Place, int Bytes);
