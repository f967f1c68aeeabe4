namespace Wasmrun.Planning.Changes;

/// <summary>
/// What matters to a running instance, one hash per aspect, so that a plan can say not only that something changed but
/// what. Forwards, restart policy, grace period and bounds of memory and processor are deliberately not part of it: they change
/// without a restart.
/// </summary>
public sealed record Fingerprint(string Module, string Command, string Environment, string Mounts, string Limits, string Healthcheck, string Network)
{
    /// <summary>The names of the aspects in which an instance of <paramref name="other"/> differs.</summary>
    public IReadOnlyList<string> DifferencesTo(Fingerprint other)
    {
        var differences = new List<string>();
        Compare("module", Module, other.Module);
        Compare("command", Command, other.Command);
        Compare("environment", Environment, other.Environment);
        Compare("volumes", Mounts, other.Mounts);
        Compare("limits", Limits, other.Limits);
        Compare("healthcheck", Healthcheck, other.Healthcheck);
        Compare("network", Network, other.Network);
        return differences;

        void Compare(string name, string mine, string theirs)
        {
            if (!string.Equals(mine, theirs, StringComparison.Ordinal))
            {
                differences.Add(name);
            }
        }
    }
}
