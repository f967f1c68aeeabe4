namespace Wasmrun.Reconciliation.Applying;

/// <summary>How far services are to come before a wait ends.</summary>
public enum WaitCondition
{
    /// <summary>Running and, where it can be judged, healthy; or ended with exit code 0. What <c>up --wait</c> waits for.</summary>
    Ready,

    /// <summary>Ended and not to be restarted: exited, stopped or failed. What <c>wait</c> waits for.</summary>
    Ended,
}

/// <summary>How a wait ended.</summary>
public abstract record WaitResult
{
    /// <summary>All services got there.</summary>
    /// <param name="ExitCodes">Of those that ended, by service.</param>
    public sealed record Reached(IReadOnlyDictionary<string, int> ExitCodes) : WaitResult;

    /// <summary>The time was over first. Exit code 17.</summary>
    /// <param name="Missing">The services that were not there yet.</param>
    public sealed record TimedOut(IReadOnlyList<string> Missing) : WaitResult;

    /// <summary>At least one service can no longer get there. Exit code 18.</summary>
    public sealed record Failed(IReadOnlyList<ServiceFailure> Failures) : WaitResult;

    /// <summary>Names that no service of the stack has.</summary>
    public sealed record UnknownServices(IReadOnlyList<string> Names, IReadOnlyList<string> Known) : WaitResult;
}
