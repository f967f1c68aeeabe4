namespace Wasmrun.Planning.Observation;

/// <summary>Where a service is in its life. What <c>ps</c> shows as its state, in lower case.</summary>
public enum ServicePhase
{
    /// <summary>Known, never started.</summary>
    Created,

    /// <summary>Wanted, and waiting for what it depends on.</summary>
    Waiting,

    /// <summary>An instance is being made.</summary>
    Starting,

    /// <summary>An instance runs.</summary>
    Running,

    /// <summary>The instance ended, and the restart policy will start the next one after a delay.</summary>
    Restarting,

    /// <summary>The instance was told to stop and has not ended yet.</summary>
    Stopping,

    /// <summary>The instance ended by itself and the restart policy leaves it at that.</summary>
    Exited,

    /// <summary>Stopped because somebody asked for it.</summary>
    Stopped,

    /// <summary>Given up: it could not be started, its restarts are used up, or what it depends on failed.</summary>
    Failed,
}
