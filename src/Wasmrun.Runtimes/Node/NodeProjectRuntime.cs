using Wasmrun.Runtimes.Node.Installing;
using Wasmrun.Runtimes.Node.TypeScript;
using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node;

/// <summary>Runs Node.js projects, each instance with an engine of its own.</summary>
internal sealed class NodeProjectRuntime(SandboxEngine engine, RuntimeOptions options) : ILanguageRuntime
{
    private readonly NodeRuntime _runtime = new(engine, options);

    /// <inheritdoc />
    public string Language => "nodejs";

    /// <inheritdoc />
    public async Task<GuestProgram> PrepareAsync(ProgramSource.Project project, ProgramRequest request, CancellationToken token)
    {
        var entry = NodeProject.FindEntry(project.Folder, project.Entrypoint);
        var modules = await new NodeModulesInstaller(options).InstallAsync(project.Folder, token);
        var (module, libraries, boot, images) = await _runtime.LoadAsync(project.Folder, token);
        var program = new NodeProgram(Path.GetFullPath(entry, ProjectMount.GuestPath), request.WorkingDirectory ?? ProjectMount.GuestPath, libraries)
        {
            Boot = boot,
            Images = images,
            Types = await TypeScriptPackage.GetAsync(engine, options, project.Folder, token),
        };
        return new(module)
        {
            Arguments = ["node", .. request.Arguments],
            Environment = request.Environment,
            Mounts = ProjectMount.With(project, request.Mounts, modules),
            Driver = () => new NodeDriver(program),
        };
    }
}
