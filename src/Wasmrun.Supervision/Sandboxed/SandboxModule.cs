using Wasmrun.Runtimes;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>A program with its compiled module.</summary>
/// <param name="path">Of the module or the project.</param>
internal sealed class SandboxModule(GuestProgram program, string path, bool isProject) : PreparedModule(path, program.ContentHash)
{
    public GuestProgram Program { get; } = program;

    /// <summary>Whether arguments, variables and mounts are the program's own and not only those of the manifest.</summary>
    public bool IsProject { get; } = isProject;
}
