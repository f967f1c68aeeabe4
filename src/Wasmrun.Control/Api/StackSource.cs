using Wasmrun.Manifest.Loading;

namespace Wasmrun.Control.Api;

/// <summary>
/// Where a manifest comes from, as the shell that asks sees it. It travels to the runner, which reads the files itself; so
/// everything that the reading depends on is in here, the environment of the asking shell included. The serializer sets null where
/// nothing is written, which means the same as an empty list.
/// </summary>
/// <param name="WorkingDirectory">Absolute; relative paths start here.</param>
public sealed record StackSource(string WorkingDirectory)
{
    /// <summary>The project's name, already decided by who asks; null for the manifest's.</summary>
    public string? Project { get; init; }

    /// <summary>As given with <c>-f</c>; empty to look for <c>wasmrun-compose.yaml</c> in the working folder and above.</summary>
    public IReadOnlyList<string> Files { get; init => field = value ?? []; } = [];

    /// <summary>As given with <c>--project-directory</c>.</summary>
    public string? ProjectDirectory { get; init; }

    /// <summary>As given with <c>--env-file</c>; empty for <c>.env</c>.</summary>
    public IReadOnlyList<string> EnvFiles { get; init => field = value ?? []; } = [];

    /// <summary>As given with <c>--profile</c>.</summary>
    public IReadOnlyList<string> Profiles { get; init => field = value ?? []; } = [];

    /// <summary>The variables of the asking shell.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init => field = value ?? s_empty; } = s_empty;

    /// <summary>The text of the file named <c>-</c>, if there is one.</summary>
    public string? StandardInput { get; init; }

    private static readonly Dictionary<string, string> s_empty = new(StringComparer.Ordinal);

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
