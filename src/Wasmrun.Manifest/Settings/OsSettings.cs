using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Settings;

/// <summary>What <c>.wasmrun.toml</c> says about running one project or module; flags of the command line win over it.</summary>
/// <param name="File">The absolute path of the file, or null when there is none.</param>
public sealed record OsSettings(string? File)
{
    /// <summary>The language as written, or null to detect it.</summary>
    public string? Language { get; init; }

    /// <summary>The entry point as written, relative to the project, or null to detect it.</summary>
    public string? Entrypoint { get; init; }

    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyList<ForwardSpec> Forwards { get; init; } = [];

    public IReadOnlyList<EgressSpec> Egress { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether changes of the sources restart the guest, or null when the file does not say.</summary>
    public bool? WatchEnabled { get; init; }

    /// <summary>Patterns of files whose changes do not count, as written.</summary>
    public IReadOnlyList<string> WatchIgnore { get; init; } = [];
}
