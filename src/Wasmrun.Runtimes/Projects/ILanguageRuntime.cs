using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Projects;

/// <summary>Runs the projects of one language.</summary>
internal interface ILanguageRuntime
{
    /// <summary>The name of the language in the manifest.</summary>
    string Language { get; }

    /// <summary>Finds the entry, gets what runs it, and says what its instances see.</summary>
    /// <exception cref="ModuleLoadException">The project cannot be run.</exception>
    /// <exception cref="Packages.PackageFetchException">A package of the runtime cannot be had.</exception>
    Task<GuestProgram> PrepareAsync(ProgramSource.Project project, ProgramRequest request, CancellationToken token);
}
