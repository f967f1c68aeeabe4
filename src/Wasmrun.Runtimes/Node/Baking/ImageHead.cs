using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>What comes before the pages in an image's file.</summary>
/// <param name="Length">Of the memory, in bytes.</param>
/// <param name="Places">Where the pages begin.</param>
/// <param name="Hash">SHA-256 of the pages, in hexadecimal: half a file is no image.</param>
internal sealed record ImageHead(int Length, int[] Places, string Hash, EngineState Engine, HostState Host, LoadFacts? Facts);
