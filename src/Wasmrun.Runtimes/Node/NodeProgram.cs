using Wasmrun.Runtimes.Node.Baking;
using Wasmrun.Runtimes.Node.TypeScript;

namespace Wasmrun.Runtimes.Node;

/// <summary>What one service of a Node.js project runs, the same for all of its instances.</summary>
/// <param name="MainPath">Absolute path of the entry in the guest.</param>
/// <param name="WorkingDirectory">Absolute path in the guest where <c>process.cwd()</c> begins.</param>
internal sealed record NodeProgram(string MainPath, string WorkingDirectory, NodeLibraries Libraries)
{
    /// <summary>The engine after its boot, shared by all projects; null to boot every instance.</summary>
    public BootImage? Boot { get; init; }

    /// <summary>What there is of engines that have loaded the packages that projects begin with; null to load them for every instance.</summary>
    public ProjectImages? Images { get; init; }

    /// <summary>Strips the types of TypeScript files; null when the project had none.</summary>
    public TypeStripper? Types { get; init; }
}
