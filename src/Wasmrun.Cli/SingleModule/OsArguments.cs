namespace Wasmrun.Cli.SingleModule;

/// <summary>The flags of <c>wasmrun os</c>, as written.</summary>
/// <param name="Path">A module, a folder with one, or a project.</param>
/// <param name="Arguments">What the guest is started with; none leaves the settings file's.</param>
internal sealed record OsArguments(
    string Path,
    string? Language,
    string? Entrypoint,
    IReadOnlyList<string> Forwards,
    IReadOnlyList<string> Environment,
    IReadOnlyList<string> Volumes,
    IReadOnlyList<string> Egress,
    string Restart,
    bool Verbose,
    bool Watch,
    IReadOnlyList<string> Arguments)
{
    /// <summary>Whether to install what a project lacks.</summary>
    internal bool Install { get; init; }
}
