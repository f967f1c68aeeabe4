namespace Wasmrun.Manifest.Loading;

/// <summary>What to load and in which surroundings; the loader reads no variable of its own process.</summary>
/// <param name="WorkingDirectory">
/// The absolute folder that relative paths of the request start from and where the search for a manifest begins.
/// </param>
/// <param name="Environment">The variables of the process, for interpolation and for variables without a value.</param>
public sealed record ManifestRequest(string WorkingDirectory, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>The manifests in the order they merge (<c>-f</c>), <c>-</c> for standard input; none to search for one.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>What a file named <c>-</c> is read from.</summary>
    public TextReader? StandardInput { get; init; }

    /// <summary>
    /// What each line of standard input is called in place of its number, when it was made of something else, such as flags; none when it was not.
    /// </summary>
    public IReadOnlyList<string> StandardInputLines { get; init; } = [];

    /// <summary>Overrides the name in the manifest.</summary>
    public string? ProjectName { get; init; }

    /// <summary>What relative paths of the manifest start from, instead of the folder of the first file.</summary>
    public string? ProjectDirectory { get; init; }

    /// <summary>The files to read variables from instead of <c>.env</c> in the project's folder.</summary>
    public IReadOnlyList<string> EnvFiles { get; init; } = [];

    /// <summary>The profiles to switch on; <c>*</c> for all.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];
}
