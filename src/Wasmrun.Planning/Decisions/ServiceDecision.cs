using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;

namespace Wasmrun.Planning.Decisions;

/// <summary>What is to become of one service, before the steps for it are put in order.</summary>
internal abstract record ServiceDecision(string Service, PlanCause Cause)
{
    public sealed record Start(ServiceSpec Spec, Fingerprint Fingerprint, PlanCause Cause) : ServiceDecision(Spec.Name, Cause);

    /// <summary>Its instance is to be replaced.</summary>
    /// <param name="IsSwap">The new instance comes up beside the old one.</param>
    public sealed record Restart(ServiceSpec Spec, Fingerprint Fingerprint, bool IsSwap, PlanCause Cause) : ServiceDecision(Spec.Name, Cause)
    {
        /// <summary>For the instance that is replaced: instead of the service's own.</summary>
        public TimeSpan? GracePeriod { get; init; }

        /// <summary>The services because of whose restarts it restarts; none when it has a reason of its own.</summary>
        public IReadOnlyList<string> OnlyWith { get; init; } = [];
    }

    /// <summary>Another number of replicas is to run.</summary>
    public sealed record Scale(ServiceSpec Spec, Fingerprint Fingerprint, PlanCause Cause) : ServiceDecision(Spec.Name, Cause);

    /// <summary>Settings change while the instances run on.</summary>
    /// <param name="Limits">Why the instances are to be bound anew; null when they are not.</param>
    /// <param name="Settings">Why the supervisor is to take over others; null when it is not.</param>
    public sealed record Update(ServiceSpec Spec, PlanCause? Limits, PlanCause? Settings) : ServiceDecision(Spec.Name, Limits ?? Settings!);

    public sealed record Keep(string Service, PlanCause Cause) : ServiceDecision(Service, Cause);

    /// <summary>It is not to run, as far as it does, and not to be reached.</summary>
    /// <param name="Stops">There is something to stop.</param>
    /// <param name="Releases">There are forwards to close.</param>
    /// <param name="GracePeriod">Instead of the service's own.</param>
    public sealed record Halt(string Service, bool Stops, bool Releases, bool Removes, TimeSpan? GracePeriod, PlanCause Cause)
        : ServiceDecision(Service, Cause);
}
