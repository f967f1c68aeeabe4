using System.Collections.Concurrent;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Execution;
using Wasmrun.Reconciliation.State;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Reconciliation.Observing;

/// <summary>Looks at what there is of the stack, in the terms of the planner.</summary>
internal sealed class StackObserver(IStackHost host, ProjectState project, KnownServices services)
{
    private readonly ConcurrentDictionary<string, Tickets> _served = new(StringComparer.Ordinal);

    /// <summary>Takes note that a service has answered these requests, successfully or not.</summary>
    public void MarkServed(string service, Tickets asked) => _served[service] = asked;

    /// <summary>A service that comes back is a new one.</summary>
    public void Forget(string service) => _served.TryRemove(service, out _);

    public ObservedStack Observe(IReadOnlyDictionary<string, PreparedModule> modules) => new(
        [.. services.All.Select(service => new ObservedService(
            service.Spec,
            service.State.Phase,
            service.Order?.Fingerprint,
            [.. service.Forwards.Select(forward => forward.Description)],
            _served.GetValueOrDefault(service.Name))
        {
            Refused = service.Refused?.Fingerprint,
            Replicas = [.. service.ReplicaStates.Select(state => state.Phase)],
        })],
        host.Volumes,
        modules.ToDictionary(module => module.Key, module => module.Value.ContentHash, StringComparer.Ordinal),
        project.RememberedPorts);
}
