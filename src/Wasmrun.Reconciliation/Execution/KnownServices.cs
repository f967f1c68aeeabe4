using Wasmrun.Manifest.Specs;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Reconciliation.Execution;

/// <summary>The supervisors of the stack: makes one for each service that comes to be known, and forgets those that are removed.</summary>
internal sealed class KnownServices(IStackHost host, LogStore logs, EventStream events, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly ServiceRegistry _registry = new();

    /// <summary>All of them, sorted by name.</summary>
    public IReadOnlyList<ServiceSupervisor> All => _registry.All;

    public ServiceSupervisor? Find(string service) => _registry.Find(service);

    /// <summary>The service's supervisor, made when there is none.</summary>
    public ServiceSupervisor Know(ServiceSpec spec)
    {
        lock (_gate)
        {
            if (_registry.Find(spec.Name) is { } known)
            {
                return known;
            }

            var made = new ServiceSupervisor(spec, host, logs, events, _registry, time);
            _registry.Add(made);
            events.Publish(StackEventKind.Created, "it is known from now on", new(made.Name, made.InstanceNames[0], 0));
            return made;
        }
    }

    /// <summary>Forgets a service, with whatever is left of it.</summary>
    public async Task RemoveAsync(string service)
    {
        if (_registry.Find(service) is { } known)
        {
            await known.DisposeAsync();
            _registry.Remove(service);
            foreach (var instance in known.InstanceNames)
            {
                logs.Remove(instance);
                events.Publish(StackEventKind.Removed, "it is no longer known", new(known.Name, instance, 0));
            }
        }
    }
}
