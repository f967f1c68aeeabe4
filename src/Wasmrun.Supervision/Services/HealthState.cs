namespace Wasmrun.Supervision.Services;

/// <summary>Whether a service does its work, as far as the runner can see: what its health check says or, without one, whether its guest listens.</summary>
public enum HealthState
{
    /// <summary>Nothing to judge by: the service does not run, or has neither a check nor a forward and listens on no port (yet).</summary>
    None,

    /// <summary>Runs, but its check is not answered yet, or it does not yet listen on every port that a forward targets.</summary>
    Starting,

    /// <summary>Its check is answered; or it listens on every port that a forward targets; or, without either, on any port.</summary>
    Healthy,

    /// <summary>Its check is not answered any more, or has not been in time; or it no longer listens on a port that a forward targets.</summary>
    Unhealthy,
}
