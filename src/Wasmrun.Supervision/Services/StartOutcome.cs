namespace Wasmrun.Supervision.Services;

/// <summary>How far a start came: an instance runs, or the service has failed for the reason given.</summary>
public sealed record StartOutcome(string? Failure)
{
    public static StartOutcome Started { get; } = new((string?)null);

    public bool Succeeded => Failure is null;
}
