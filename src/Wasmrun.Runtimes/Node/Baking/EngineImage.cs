using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>An engine at a moment when nothing ran in it, from which any number of instances can begin.</summary>
/// <param name="Facts">What has been looked at to get there; null for the boot alone, which looks at nothing.</param>
/// <param name="Files">The files among it; null for the boot alone.</param>
internal sealed record EngineImage(EngineMemory Memory, EngineState Engine, HostState Host, LoadFacts? Facts, FileFacts? Files);
