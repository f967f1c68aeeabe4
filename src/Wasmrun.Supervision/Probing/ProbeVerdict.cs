namespace Wasmrun.Supervision.Probing;

/// <summary>What the answers of a probe come to.</summary>
/// <param name="Problem">Why the instance is unhealthy; null when it is healthy.</param>
internal readonly record struct ProbeVerdict(string? Problem)
{
    public bool IsHealthy => Problem is null;
}
