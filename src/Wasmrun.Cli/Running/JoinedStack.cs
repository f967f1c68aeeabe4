using Wasmrun.Control.Api;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Running;

/// <summary>
/// The stack of a runner that is another process, as seen by an <c>up</c> that has joined it: what this one has started, and what is to
/// run on without it.
/// </summary>
/// <param name="named">The services that were asked for; none means all.</param>
internal sealed class JoinedStack(IStackControl stack, IReadOnlyList<string> named)
{
    private const string StartStep = "start ";
    private HashSet<string> _started = [];
    private List<ServiceStatus> _running = [];

    /// <summary>Whether another command has ended what was asked for.</summary>
    internal bool WasStopped { get; private set; }

    /// <summary>What runs and was not started here.</summary>
    internal IReadOnlyList<string> Others => [.. _running.Where(service => !_started.Contains(service.Service)).Select(service => service.Service).Distinct(StringComparer.Ordinal)];

    /// <summary>Keeps in mind what was started here.</summary>
    internal void Join(ApplyReply.Applied applied) => _started = applied.Steps
        .Where(step => step.Id.StartsWith(StartStep, StringComparison.Ordinal))
        .Select(step => step.Id[StartStep.Length..])
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>Sees what has become of the stack when what was asked for has ended.</summary>
    internal async Task LookAsync(CancellationToken token)
    {
        try
        {
            var services = await stack.GetServicesAsync(token);
            var own = services.Where(service => named.Count == 0 || named.Contains(service.Service, StringComparer.Ordinal)).ToList();
            WasStopped = own.Count == 0 || own.Exists(service => service.State == ServicePhase.Stopped);
            _running = [.. services.Where(service => service.State is not (ServicePhase.Created or ServicePhase.Exited or ServicePhase.Stopped or ServicePhase.Failed))];
        }
        catch (HttpRequestException)
        {
            WasStopped = true;
        }
    }

    /// <summary>Stops what was started here and still runs.</summary>
    internal async Task LeaveAsync(TimeSpan? gracePeriod, CancellationToken token)
    {
        var own = _running.Select(service => service.Service).Where(_started.Contains).Distinct(StringComparer.Ordinal).ToList();
        if (own.Count == 0)
        {
            return;
        }

        try
        {
            await stack.StopAsync(new ServicesRequest(own, gracePeriod), token);
        }
        catch (HttpRequestException)
        {
            // The runner has ended meanwhile, and everything with it.
        }
    }
}
