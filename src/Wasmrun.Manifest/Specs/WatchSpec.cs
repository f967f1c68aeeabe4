namespace Wasmrun.Manifest.Specs;

/// <summary>Files whose changes replace the running instances of a service, while somebody watches.</summary>
/// <param name="Path">Absolute path of a file or a folder, which need not exist yet.</param>
/// <param name="Ignore">Patterns as of <c>.gitignore</c>, relative to the path: what does not count.</param>
/// <param name="Include">The same: if there are any, nothing else counts.</param>
public sealed record WatchSpec(string Path, WatchAction Action, IReadOnlyList<string> Ignore, IReadOnlyList<string> Include);

/// <summary>What a change does.</summary>
public enum WatchAction
{
    /// <summary>Replaces the running instances.</summary>
    Restart,

    /// <summary>Runs the service's build command first.</summary>
    Rebuild,
}
