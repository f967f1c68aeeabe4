using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Building;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Reconciliation.Observing;

/// <summary>
/// What the services of the present wish run. A file is looked at again only when somebody asked for the service since, so
/// that a build that is half written never restarts anything by itself.
/// </summary>
internal sealed class ModuleShelf(IStackHost host, ProjectBuilder builder)
{
    private IReadOnlyDictionary<string, ShelvedModule> _kept = new Dictionary<string, ShelvedModule>(StringComparer.Ordinal);

    /// <summary>Loads what the wish needs, in parallel. The shelf stays as it is until <see cref="Keep"/>.</summary>
    /// <param name="mayBuild">Whether build commands that were not run yet are run first.</param>
    /// <returns>The modules, and every one that cannot be loaded.</returns>
    public async Task<(IReadOnlyDictionary<string, ShelvedModule> Modules, IReadOnlyList<ModuleFailure> Failures)> LoadAsync(
        StackWish wish, bool mayBuild, CancellationToken token)
    {
        var running = wish.Stack.Services
            .Where(service => wish.IsToRun(service.Name));
        var loads = await Task.WhenAll(running.Select(service => LoadAsync(service, wish.Services[service.Name].Asked, mayBuild, token)));
        return (
            loads.Where(load => load.Module is not null).ToDictionary(load => load.Service, load => load.Module!, StringComparer.Ordinal),
            [.. loads.Select(load => load.Failure).OfType<ModuleFailure>()]);
    }

    public void Keep(IReadOnlyDictionary<string, ShelvedModule> modules) => _kept = modules;

    private async Task<(string Service, ShelvedModule? Module, ModuleFailure? Failure)> LoadAsync(
        ServiceSpec service, Tickets asked, bool mayBuild, CancellationToken token)
    {
        if (_kept.TryGetValue(service.Name, out var kept) && kept.Asked.Start == asked.Start && kept.Asked.Restart == asked.Restart && kept.IsFor(service))
        {
            return (service.Name, kept, null);
        }

        if (mayBuild && await builder.EnsureAsync(service, token) is { } complaint)
        {
            return (service.Name, null, new(service.Name, service.Location, service.Module ?? "", complaint));
        }

        try
        {
            // On the pool, because what is in the cache is loaded without a single wait.
            var module = await Task.Run(() => host.PrepareAsync(service, token), token);
            return (service.Name, new(module, service, asked), null);
        }
        catch (ModuleLoadException unusable)
        {
            return (service.Name, null, new(service.Name, service.Location, service.SourcePath, unusable.Message));
        }
    }
}

/// <summary>A loaded module, and for which request it was loaded.</summary>
internal sealed record ShelvedModule(PreparedModule Module, ServiceSpec Written, Tickets Asked)
{
    /// <summary>A project is prepared for everything that the manifest says about its service, a module only by its path.</summary>
    public bool IsFor(ServiceSpec service) => service.Project is null
        ? string.Equals(Written.Module, service.Module, StringComparison.Ordinal)
        : service == Written with { Replicas = service.Replicas };
}
