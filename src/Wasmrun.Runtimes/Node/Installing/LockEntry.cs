using Wasmrun.Runtimes.Packages;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>One package of a lock file, and where it is to be found in the project.</summary>
/// <param name="Path">Relative to the project, with slashes, such as <c>node_modules/a/node_modules/b</c>.</param>
internal sealed record LockEntry(string Path, LockedPackage Package)
{
    private const string Folder = "node_modules/";

    /// <summary>Where the package comes from, as written; null for its usual place in a registry.</summary>
    public string? Source { get; init; }

    /// <summary>The folder of the project that stands behind the path; null for a package.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>Needed for developing only.</summary>
    public bool IsDevelopment { get; init; }

    /// <summary>The program does without it where it cannot be installed.</summary>
    public bool IsOptional { get; init; }

    /// <summary>It comes in the archive of the package above it.</summary>
    public bool IsBundled { get; init; }

    /// <summary>The package has a script that wants to be run after installing.</summary>
    public bool HasInstallScript { get; init; }

    /// <summary>What it is for, as npm writes it: names, or names after an exclamation mark; empty for everything.</summary>
    public IReadOnlyList<string> Systems { get; init; } = [];

    /// <inheritdoc cref="Systems" />
    public IReadOnlyList<string> Processors { get; init; } = [];

    /// <summary>C libraries that the package is for; empty when it does not matter.</summary>
    public IReadOnlyList<string> Libraries { get; init; } = [];

    /// <summary>The name that programs ask for, which an alias makes another one than the package's own.</summary>
    public string InstalledName => Path[(Path.LastIndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..];

    /// <summary>The folder that holds the outermost <c>node_modules</c> of the path: the project itself, which is empty, or a workspace.</summary>
    public string Root
    {
        get
        {
            var start = Path.StartsWith(Folder, StringComparison.Ordinal) ? 0 : Path.IndexOf($"/{Folder}", StringComparison.Ordinal);
            return start <= 0 ? string.Empty : Path[..start];
        }
    }

    public bool IsBelow(LockEntry other) => Path.StartsWith($"{other.Path}/", StringComparison.Ordinal);
}
