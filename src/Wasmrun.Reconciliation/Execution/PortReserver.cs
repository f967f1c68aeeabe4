using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Planning.Ports;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Reconciliation.Execution;

/// <summary>
/// Carries out the reservation of a plan, all or nothing: new ports are bound, ports that move within the stack change
/// hands without being closed, and when one cannot be had everything is as before.
/// </summary>
internal sealed class PortReserver(IStackHost host, KnownServices services)
{
    /// <summary>Reserves for the whole plan.</summary>
    /// <returns>What could not be had; empty when all of it was and the services hold it.</returns>
    public IReadOnlyList<RefusedPort> Reserve(IReadOnlyList<PortRequest> requests, StackSpec stack)
    {
        var fresh = requests.Where(request => request.TakenFrom is null).ToList();
        var reserved = host.Reserve(fresh);
        if (!reserved.Succeeded)
        {
            return reserved.Refused;
        }

        var readdressed = requests.Where(request => request.TakenFrom is not null && !KeepsAddresses(request)).ToList();
        var rebound = BindAnew(readdressed);
        if (!rebound.Succeeded)
        {
            foreach (var forward in reserved.Forwards)
            {
                forward.Dispose();
            }

            return rebound.Refused;
        }

        var moving = requests.Except(fresh).Except(readdressed).ToList();
        var moved = moving.Select(request => host.Retarget(Take(request), request));
        Hand(fresh.Zip(reserved.Forwards).Concat(readdressed.Zip(rebound.Forwards)).Concat(moving.Zip(moved)), stack);
        return [];
    }

    /// <summary>Other addresses need other sockets, and the old ones are in their way: they are closed first, and restored in case of need.</summary>
    private ReservedPorts BindAnew(List<PortRequest> requests)
    {
        var former = new List<PortRequest>();
        foreach (var request in requests)
        {
            var closed = Take(request);
            closed.Dispose();
            var was = closed.Description;
            former.Add(request with
            {
                Service = request.TakenFrom!,
                Addresses = was.Addresses,
                HostPort = was.Automatic ? null : was.HostPort,
                Candidates = [was.HostPort],
                GuestPort = was.GuestPort,
                TakenFrom = null,
            });
        }

        var reserved = host.Reserve(requests);
        if (!reserved.Succeeded)
        {
            foreach (var (request, forward) in former.Zip(host.Reserve(former).Forwards))
            {
                var owner = Owner(request.Service);
                owner.Adopt(owner.Spec, owner.Order?.Fingerprint.Network ?? "", [forward]);
            }
        }

        return reserved;
    }

    private void Hand(IEnumerable<(PortRequest Request, HeldForward Forward)> forwards, StackSpec stack)
    {
        var left = new Queue<IGrouping<string, HeldForward>>(
            forwards.ToLookup(entry => entry.Request.Service, entry => entry.Forward, StringComparer.Ordinal));
        try
        {
            while (left.TryDequeue(out var owned))
            {
                var spec = stack.Services.First(service => string.Equals(service.Name, owned.Key, StringComparison.Ordinal));
                services.Know(spec).Adopt(spec, Fingerprints.OfNetwork(spec, stack.Networks), [.. owned]);
            }
        }
        catch
        {
            // The service that cannot have its own has closed them; nobody holds those of the services after it.
            foreach (var forward in left.SelectMany(owned => owned))
            {
                forward.Dispose();
            }

            throw;
        }
    }

    private HeldForward Take(PortRequest request) =>
        Owner(request.TakenFrom!).HandOver(request.HostPort!.Value, request.Protocol)
        ?? throw new InvalidOperationException($"'{request.TakenFrom}' does not hold port {request.HostPort}");

    private bool KeepsAddresses(PortRequest request)
    {
        var held = Owner(request.TakenFrom!).Forwards.First(
            forward => forward.Description.HostPort == request.HostPort && forward.Description.Protocol == request.Protocol);
        var addresses = held.Description.Addresses;
        return addresses.Count == request.Addresses.Count && addresses.All(request.Addresses.Contains);
    }

    private ServiceSupervisor Owner(string service) => services.Find(service) ?? throw new InvalidOperationException($"'{service}' is not known");
}
