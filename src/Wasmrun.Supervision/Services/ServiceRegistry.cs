using System.Collections.Concurrent;

namespace Wasmrun.Supervision.Services;

/// <summary>The services of one stack that the runner knows, by name.</summary>
public sealed class ServiceRegistry
{
    private readonly ConcurrentDictionary<string, ServiceSupervisor> _services = new(StringComparer.Ordinal);

    /// <summary>All of them, sorted by name.</summary>
    public IReadOnlyList<ServiceSupervisor> All => [.. _services.Values.OrderBy(service => service.Name, StringComparer.Ordinal)];

    public ServiceSupervisor? Find(string service) => _services.GetValueOrDefault(service);

    public void Add(ServiceSupervisor service) => _services[service.Name] = service;

    public void Remove(string service) => _services.TryRemove(service, out _);
}
