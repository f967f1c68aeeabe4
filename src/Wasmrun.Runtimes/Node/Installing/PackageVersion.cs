namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>One version of a package, as its registry describes it.</summary>
internal sealed record PackageVersion(string Name, string Version, string Integrity, string? Archive, PackageManifest Manifest)
{
    public required IReadOnlyList<string> Systems { get; init; }

    public required IReadOnlyList<string> Processors { get; init; }

    public required IReadOnlyList<string> Libraries { get; init; }

    public required bool HasInstallScript { get; init; }
}
