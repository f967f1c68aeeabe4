using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Planning.Ports;

namespace Wasmrun.Planning;

/// <summary>
/// One step of a plan: what is done, after which other steps, and why. The hierarchy is closed, and the executor
/// handles it with one switch; everything that needs a decision was decided by the planner.
/// </summary>
/// <param name="Id">Unique within the plan and readable: <c>start web</c>.</param>
/// <param name="After">Ids of the steps that must have succeeded before.</param>
/// <param name="Cause">Why the step is there.</param>
public abstract record PlanAction(string Id, IReadOnlyList<string> After, PlanCause Cause)
{
    /// <summary>
    /// Whether the steps after it make no sense when it fails. Starts and stops are none of these: who depends on a
    /// service judges its state by the manifest's conditions, and what else is to be stopped is stopped.
    /// </summary>
    public virtual bool IsEssential => false;

    /// <summary>
    /// Ids of steps that are the only reason for this one: it is left out unless at least one of them succeeds. None for a step that has a
    /// reason of its own.
    /// </summary>
    public IReadOnlyList<string> OnlyWith { get; init; } = [];

    /// <summary>Binds host ports for the whole stack, all or nothing; every start comes after it.</summary>
    public sealed record ReservePorts(IReadOnlyList<PortRequest> Requests, string Id, IReadOnlyList<string> After, PlanCause Cause)
        : PlanAction(Id, After, Cause)
    {
        public override bool IsEssential => true;
    }

    /// <summary>Makes the folder of a named volume.</summary>
    public sealed record CreateVolume(string Volume, string Id, IReadOnlyList<string> After, PlanCause Cause) : PlanAction(Id, After, Cause)
    {
        public override bool IsEssential => true;
    }

    /// <summary>Makes the service known and starts every replica of it that does not run, as soon as what it depends on is as far as it must be.</summary>
    public sealed record StartService(ServiceSpec Service, Fingerprint Fingerprint, string Id, IReadOnlyList<string> After, PlanCause Cause)
        : PlanAction(Id, After, Cause);

    /// <summary>Ends the running instance, then starts one of the present specification; the forwards stay open meanwhile.</summary>
    public sealed record RestartService(ServiceSpec Service, Fingerprint Fingerprint, string Id, IReadOnlyList<string> After, PlanCause Cause)
        : PlanAction(Id, After, Cause)
    {
        /// <summary>For the instances that end: instead of the service's own; null leaves it at that.</summary>
        public TimeSpan? GracePeriod { get; init; }
    }

    /// <summary>Lets an instance of the present specification take over from the running one, which ends when it has served its clients.</summary>
    public sealed record SwapService(ServiceSpec Service, Fingerprint Fingerprint, string Id, IReadOnlyList<string> After, PlanCause Cause)
        : PlanAction(Id, After, Cause)
    {
        /// <summary>For the instances that end: instead of the service's own; null leaves it at that.</summary>
        public TimeSpan? GracePeriod { get; init; }
    }

    /// <summary>Starts or stops replicas until there are as many as the specification says; the others notice nothing.</summary>
    public sealed record ScaleService(ServiceSpec Service, Fingerprint Fingerprint, string Id, IReadOnlyList<string> After, PlanCause Cause)
        : PlanAction(Id, After, Cause);

    /// <summary>Gives the service new settings that a running instance need not notice.</summary>
    public sealed record UpdateService(ServiceSpec Service, string Id, IReadOnlyList<string> After, PlanCause Cause) : PlanAction(Id, After, Cause);

    /// <summary>Bounds the memory and the processor of the running instances anew.</summary>
    public sealed record AdjustLimits(ServiceSpec Service, string Id, IReadOnlyList<string> After, PlanCause Cause) : PlanAction(Id, After, Cause);

    /// <summary>Changes which host ports lead to the service; the instance runs on.</summary>
    public sealed record RebindForwards(ServiceSpec Service, string Id, IReadOnlyList<string> After, PlanCause Cause)
        : PlanAction(Id, After, Cause);

    /// <summary>Stops the instance; the service stays known.</summary>
    /// <param name="GracePeriod">Instead of the service's own; null leaves it at that.</param>
    public sealed record StopService(string Service, TimeSpan? GracePeriod, string Id, IReadOnlyList<string> After, PlanCause Cause)
        : PlanAction(Id, After, Cause);

    /// <summary>Closes the service's forwards.</summary>
    public sealed record ReleasePorts(string Service, string Id, IReadOnlyList<string> After, PlanCause Cause) : PlanAction(Id, After, Cause);

    /// <summary>Forgets a stopped service.</summary>
    public sealed record RemoveService(string Service, string Id, IReadOnlyList<string> After, PlanCause Cause) : PlanAction(Id, After, Cause);

    /// <summary>Removes a named volume with all that is in it.</summary>
    public sealed record RemoveVolume(string Volume, string Id, IReadOnlyList<string> After, PlanCause Cause) : PlanAction(Id, After, Cause);
}
