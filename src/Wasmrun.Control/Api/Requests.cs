using Wasmrun.Manifest.Flags;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Control.Api;

/// <summary>Brings a stack up, or changes the one that runs: the body of <c>POST /v1/apply</c>.</summary>
public sealed record ApplyRequest(StackSource Source, ApplyOptions Options);

/// <summary>Runs an instance of a service once, for as long as the request lasts at most: the body of <c>POST /v1/run</c>.</summary>
/// <param name="Source">The manifest that declares the service.</param>
public sealed record RunRequest(StackSource Source, OneOffFlags Flags)
{
    /// <summary>Run the service's build command even if it was run before.</summary>
    public bool Build { get; init; }

    /// <summary>Answer with the plan, and do nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Which services a request is about; none means all. The body of restart, stop, start and kill.</summary>
/// <param name="GracePeriod">For stop: instead of the services' own.</param>
public sealed record ServicesRequest(IReadOnlyList<string> Services, TimeSpan? GracePeriod = null)
{
    /// <summary>Answer with the plan, and do nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>How many replicas of services are to run: the body of <c>POST /v1/scale</c>.</summary>
/// <param name="Replicas">By service.</param>
/// <param name="NoDependencies">Leave what the services depend on as it is.</param>
public sealed record ScaleRequest(IReadOnlyDictionary<string, int> Replicas, bool NoDependencies = false)
{
    /// <summary>Answer with the plan, and do nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Watches files for as long as the request lasts: the body of <c>POST /v1/watch</c>.</summary>
/// <param name="Source">The manifest that is watched and applied again; null when there is none.</param>
/// <param name="Options">With which it is applied; its services are the ones that are watched, none means all.</param>
public sealed record WatchRequest(StackSource? Source, ApplyOptions Options);

/// <summary>The body of <c>POST /v1/wait</c>.</summary>
/// <param name="Timeout">Null waits for ever.</param>
public sealed record WaitRequest(WaitCondition Condition, IReadOnlyList<string> Services, TimeSpan? Timeout = null);
