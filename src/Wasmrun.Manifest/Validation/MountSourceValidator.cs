using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Validation;

/// <summary>
/// Reports folders and files of the host that cannot be mounted, before anything starts. What is not there, but may be made on the way, by a
/// build or by a service that may write above it, is left for the start to find.
/// </summary>
internal static class MountSourceValidator
{
    /// <summary>Checks the mounts of the services that are active.</summary>
    public static void Validate(IReadOnlyList<ServiceSpec> services, DiagnosticBag diagnostics)
    {
        var isBuilt = services.Any(service => service.Build is not null);
        foreach (var service in services)
        {
            foreach (var mount in service.Mounts.OfType<MountSpec.Bind>())
            {
                var problem = MountSource.Problem(mount.Source);
                if (problem is null || (problem == MountSource.Missing && (isBuilt || services.Any(other => other != service && MayMake(other, mount.Source)))))
                {
                    continue;
                }

                var remedy = problem == MountSource.Missing ? "make it, or correct the path" : "mount a folder or a file that the runner may reach";
                diagnostics.Report(ManifestDiagnostics.BadMountSource, mount.Location, $"cannot mount '{mount.Source}': it {problem}; {remedy}");
            }
        }
    }

    private static bool MayMake(ServiceSpec service, string path) =>
        (service is { Project: { } project, IsProjectReadOnly: false } && IsBelow(path, project))
        || service.Mounts.OfType<MountSpec.Bind>().Any(mount => !mount.ReadOnly && IsBelow(path, mount.Source));

    private static bool IsBelow(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
