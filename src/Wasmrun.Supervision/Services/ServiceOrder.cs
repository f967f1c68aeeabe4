using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Services;

/// <summary>What a service is to run: as written, as loaded, and the fingerprint of both.</summary>
public sealed record ServiceOrder(ServiceSpec Spec, Fingerprint Fingerprint, PreparedModule Module)
{
    /// <summary>For the instances that it replaces: instead of the service's own <c>stop_grace_period</c>.</summary>
    public TimeSpan? GracePeriod { get; init; }
}
