using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>An engine at a moment when nothing ran in it, from which any number of instances can begin.</summary>
internal sealed record EngineImage(MemoryImage Memory, EngineState Engine, HostState Host);
