namespace Wasmrun.Supervision.Services;

/// <summary>Whether a service does its work, as far as the runner can see: a service is ready when its guest listens.</summary>
public enum HealthState
{
    /// <summary>Nothing to judge by: the service does not run, or has no forward that could be listened on.</summary>
    None,

    /// <summary>Runs, but does not yet listen on every port that a forward targets.</summary>
    Starting,

    /// <summary>Listens on every port that a forward targets.</summary>
    Healthy,

    /// <summary>Was healthy, and no longer listens.</summary>
    Unhealthy,
}
