using Wasmrun.Manifest.Loading;

namespace Wasmrun.Control.Api;

/// <summary>
/// Where a manifest comes from, as the shell that asks sees it. It travels to the runner, which reads the files itself; so
/// everything that the reading depends on is in here, the environment of the asking shell included.
/// </summary>
/// <param name="Project">The project's name, already decided by who asks.</param>
/// <param name="Files">As given with <c>-f</c>; empty to look for <c>wasmrun-compose.yaml</c> in the working folder and above.</param>
/// <param name="WorkingDirectory">Absolute; relative paths start here.</param>
/// <param name="ProjectDirectory">As given with <c>--project-directory</c>.</param>
/// <param name="StandardInput">The text of the file named <c>-</c>, if there is one.</param>
public sealed record StackSource(
    string? Project,
    IReadOnlyList<string> Files,
    string WorkingDirectory,
    string? ProjectDirectory,
    IReadOnlyList<string> EnvFiles,
    IReadOnlyList<string> Profiles,
    IReadOnlyDictionary<string, string> Environment,
    string? StandardInput)
{
    /// <summary>The same for the loader.</summary>
    public ManifestRequest ToRequest() => new(WorkingDirectory, Environment)
    {
        ProjectName = Project,
        Files = Files,
        ProjectDirectory = ProjectDirectory,
        EnvFiles = EnvFiles,
        Profiles = Profiles,
        StandardInput = StandardInput is null ? null : new StringReader(StandardInput),
    };
}
