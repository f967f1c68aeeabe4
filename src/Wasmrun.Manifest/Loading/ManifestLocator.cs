using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Loading;

/// <summary>
/// Finds the manifest: in the working directory or the nearest folder above it, with the override file beside it when there
/// is one.
/// </summary>
internal static class ManifestLocator
{
    private static readonly string[] _names = ["wasmrun-compose.yaml", "wasmrun-compose.yml"];
    private static readonly string[] _overrides = ["wasmrun-compose.override.yaml", "wasmrun-compose.override.yml"];

    /// <summary>Absolute paths, the base first; none, with a diagnostic, when there is no manifest.</summary>
    public static IReadOnlyList<string> Find(string workingDirectory, DiagnosticBag diagnostics)
    {
        for (var folder = workingDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (FirstIn(folder, _names) is { } manifest)
            {
                return FirstIn(folder, _overrides) is { } extra ? [manifest, extra] : [manifest];
            }
        }

        diagnostics.Report(
            ManifestDiagnostics.NoManifest,
            new SourceLocation(_names[0], 1, 1),
            $"there is no {_names[0]} in '{workingDirectory}' or a folder above it; create one, or name it with -f");
        return [];
    }

    private static string? FirstIn(string folder, string[] names) =>
        Array.ConvertAll(names, name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
