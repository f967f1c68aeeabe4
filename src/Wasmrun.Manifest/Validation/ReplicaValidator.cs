using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Validation;

/// <summary>Reports services that cannot have as many replicas as the manifest gives them.</summary>
internal static class ReplicaValidator
{
    public static void Validate(IReadOnlyList<ServiceSpec> services, IReadOnlyList<VolumeSpec> volumes, DiagnosticBag diagnostics)
    {
        foreach (var service in services)
        {
            if (ReplicaRule.Complain(service, volumes) is { } complaint)
            {
                diagnostics.Report(ManifestDiagnostics.ExclusiveVolumeShared, service.Location, complaint);
            }
        }
    }
}
