using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Validation;

/// <summary>Warns of egress that can never be used, because every network of the service is internal.</summary>
internal static class EgressValidator
{
    public static void Validate(IEnumerable<ServiceSpec> services, IReadOnlyList<NetworkSpec> networks, DiagnosticBag diagnostics)
    {
        var closed = networks.Where(network => network.Internal).Select(network => network.Name).ToHashSet();
        foreach (var service in services)
        {
            if (service.Egress is [var first, ..] && service.Networks.Count > 0 && service.Networks.All(closed.Contains))
            {
                diagnostics.Report(
                    ManifestDiagnostics.EgressWithoutWayOut,
                    first.Location,
                    $"service '{service.Name}' lists egress, but is only on internal networks, which have none; "
                    + "put it on another network, or remove the entries");
            }
        }
    }
}
