using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes;

/// <summary>
/// Turns what a service is made from into something the sandbox can run. Each kind of source adds what it needs to what the
/// service asked for; a module needs nothing but its name as the first argument.
/// </summary>
public sealed class ProgramResolver
{
    private readonly SandboxEngine _engine;
    private readonly IReadOnlyList<ILanguageRuntime> _runtimes;

    /// <summary>Knows every language that there is a runtime for.</summary>
    /// <param name="options">What language runtimes need; without it, only modules can be run.</param>
    public ProgramResolver(SandboxEngine engine, RuntimeOptions? options = null)
        : this(engine, options is null ? [] : LanguageRuntimes.All(engine, options))
    {
    }

    internal ProgramResolver(SandboxEngine engine, IReadOnlyList<ILanguageRuntime> runtimes)
    {
        _engine = engine;
        _runtimes = runtimes;
    }

    /// <summary>Looks at the files as they are now; asked again after they changed, it answers with what they hold then.</summary>
    /// <exception cref="ModuleLoadException">The source cannot be run; the message says why and what to do.</exception>
    public Task<GuestProgram> ResolveAsync(ProgramRequest request, CancellationToken token) => request.Source switch
    {
        ProgramSource.Module module => ResolveModuleAsync(module, request, token),
        ProgramSource.Project project => ResolveProjectAsync(project, request, token),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.Source, "a source of an unknown kind"),
    };

    private async Task<GuestProgram> ResolveModuleAsync(ProgramSource.Module module, ProgramRequest request, CancellationToken token) =>
        new(await _engine.LoadAsync(module.Path, token))
        {
            Arguments = [Path.GetFileName(module.Path), .. request.Arguments],
            Environment = request.Environment,
            Mounts = request.Mounts,
        };

    private async Task<GuestProgram> ResolveProjectAsync(ProgramSource.Project project, ProgramRequest request, CancellationToken token)
    {
        var language = project.Language ?? LanguageDetector.Detect(project.Folder)
            ?? throw new ModuleLoadException($"the project '{project.Folder}' does not show its language; {LanguageDetector.Advice}");
        var runtime = _runtimes.FirstOrDefault(runtime => string.Equals(runtime.Language, language, StringComparison.Ordinal))
            ?? throw new ModuleLoadException($"this version of wasmrun cannot run projects in {language} yet: '{project.Folder}'");
        try
        {
            var program = await runtime.PrepareAsync(project, request, token);
            return program with { ContentHash = ProjectContent.Hash(project.Folder, program.Module.ContentHash) };
        }
        catch (Exception unusable) when (unusable is PackageFetchException or IOException or UnauthorizedAccessException)
        {
            throw new ModuleLoadException($"the project '{project.Folder}' cannot be prepared: {unusable.Message}", unusable);
        }
    }
}
