using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes;

/// <summary>
/// Turns what a service is made from into something the sandbox can run. Each kind of source adds what it needs to what the
/// service asked for; a module needs nothing but its name as the first argument.
/// </summary>
public sealed class ProgramResolver(SandboxEngine engine)
{
    /// <summary>Looks at the files as they are now; asked again after they changed, it answers with what they hold then.</summary>
    /// <exception cref="ModuleLoadException">The source cannot be run; the message says why and what to do.</exception>
    public Task<GuestProgram> ResolveAsync(ProgramRequest request, CancellationToken token) => request.Source switch
    {
        ProgramSource.Module module => ResolveModuleAsync(module, request, token),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.Source, "a source of an unknown kind"),
    };

    private async Task<GuestProgram> ResolveModuleAsync(ProgramSource.Module module, ProgramRequest request, CancellationToken token) =>
        new(await engine.LoadAsync(module.Path, token))
        {
            Arguments = [Path.GetFileName(module.Path), .. request.Arguments],
            Environment = request.Environment,
            Mounts = request.Mounts,
        };
}
