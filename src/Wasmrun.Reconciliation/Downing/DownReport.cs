namespace Wasmrun.Reconciliation.Downing;

/// <summary>What taking a stack down ended with, looked at afterwards instead of assumed.</summary>
/// <param name="Services">Services that were removed, in the order they stopped.</param>
/// <param name="ReleasedPorts">Host ports that were given back.</param>
/// <param name="RemovedVolumes">Named volumes that were removed.</param>
/// <param name="Leftovers">What is still there and should not be, one line each; empty when all is gone.</param>
public sealed record DownReport(
    IReadOnlyList<string> Services,
    IReadOnlyList<int> ReleasedPorts,
    IReadOnlyList<string> RemovedVolumes,
    IReadOnlyList<string> Leftovers)
{
    /// <summary>No instance, no thread, no listener and no socket file is left.</summary>
    public bool IsClean => Leftovers.Count == 0;
}

/// <summary>How a stack is taken down.</summary>
/// <param name="Volumes">Remove named volumes too.</param>
/// <param name="GracePeriod">Instead of the services' own <c>stop_grace_period</c>.</param>
public sealed record DownOptions(bool Volumes, TimeSpan? GracePeriod = null);
