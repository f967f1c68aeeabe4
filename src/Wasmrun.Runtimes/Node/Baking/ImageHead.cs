using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>What an image's file begins with; then come the facts about files, and then the memory.</summary>
/// <param name="Length">Of the memory, in bytes.</param>
/// <param name="Runs">Where there is something in it.</param>
/// <param name="Checksum">Of all that comes after this: half a file is no image.</param>
/// <param name="FilesBytes">How long the facts about files are.</param>
internal sealed record ImageHead(int Length, MemoryRun[] Runs, string Checksum, EngineState Engine, HostState Host, LoadFacts? Facts, int FilesBytes);
