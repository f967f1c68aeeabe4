using Wasmrun.Planning.Observation;

namespace Wasmrun.Supervision.Services;

/// <summary>Where one service is, as one value that changes as a whole.</summary>
public sealed record ServiceState
{
    public static ServiceState Initial { get; } = new();

    public ServicePhase Phase { get; init; } = ServicePhase.Created;

    public HealthState Health { get; init; } = HealthState.None;

    /// <summary>
    /// Its health check has failed before it was ever answered, and the restart policy leaves it so, or it has listened for long, but
    /// not where a forward leads: it may still come, but is not to be waited for.
    /// </summary>
    public bool NeverBecameHealthy { get; init; }

    /// <summary>An instance was started since the service was last asked to start.</summary>
    public bool HasStarted { get; init; }

    /// <summary>Instances started so far.</summary>
    public int Generation { get; init; }

    /// <summary>Restarts by the restart policy since the service was last asked to start.</summary>
    public int Restarts { get; init; }

    /// <summary>How many of these were in a row, each after an instance that did not last; 0 when the last one did.</summary>
    public int RestartsInARow { get; init; }

    /// <summary>Of the last instance that ended.</summary>
    public int? ExitCode { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the last instance ended; null while none has.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it is where it is, when there is something to say.</summary>
    public string? Reason { get; init; }

    /// <summary>The last lines of its log, when it failed.</summary>
    public IReadOnlyList<string> LastLines { get; init; } = [];

    /// <summary>The sequence of the event that made this state.</summary>
    public long EventSequence { get; init; }

    /// <summary>It has ended and nothing will start it again by itself.</summary>
    public bool IsOver => Phase is ServicePhase.Exited or ServicePhase.Stopped or ServicePhase.Failed;
}
