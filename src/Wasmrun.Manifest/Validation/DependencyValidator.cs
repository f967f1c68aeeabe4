using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Validation;

/// <summary>Checks that every dependency is declared and active, and that no service waits for itself, directly or in a circle.</summary>
internal sealed class DependencyValidator(IReadOnlyList<ServiceSpec> services, IReadOnlySet<string> active, DiagnosticBag diagnostics)
{
    private readonly Dictionary<string, ServiceSpec> _byName = services.ToDictionary(service => service.Name, StringComparer.Ordinal);

    /// <summary>The active services without the optional dependencies that are not there.</summary>
    public IReadOnlyList<ServiceSpec> Validate()
    {
        foreach (var service in services)
        {
            foreach (var dependency in service.DependsOn)
            {
                Check(service, dependency);
            }
        }

        new DependencyCycleFinder(_byName, diagnostics).Report(services);
        return
        [
            .. services
                .Where(service => active.Contains(service.Name))
                .Select(service => service with
                {
                    DependsOn = [.. service.DependsOn.Where(dependency => active.Contains(dependency.Service))],
                }),
        ];
    }

    private void Check(ServiceSpec service, DependencySpec dependency)
    {
        if (service.Name == dependency.Service)
        {
            diagnostics.Report(
                ManifestDiagnostics.SelfDependency, dependency.Location, $"service '{service.Name}' depends on itself; remove the entry");
        }
        else if (!_byName.TryGetValue(dependency.Service, out var target))
        {
            CheckUndeclared(service, dependency);
        }
        else if (dependency.Required && active.Contains(service.Name) && !active.Contains(target.Name))
        {
            diagnostics.Report(
                ManifestDiagnostics.InactiveDependency,
                dependency.Location,
                $"service '{service.Name}' depends on '{target.Name}', which is not active; "
                + $"switch it on with --profile {target.Profiles[0]}, or write 'required: false'");
        }
    }

    private void CheckUndeclared(ServiceSpec service, DependencySpec dependency)
    {
        var hint = diagnostics.DidYouMean(dependency.Service, _byName.Keys.Where(name => name != service.Name));
        var fact = $"service '{service.Name}' depends on '{dependency.Service}', which is not declared";
        if (dependency.Required)
        {
            diagnostics.Report(
                ManifestDiagnostics.UnknownDependency,
                dependency.Location,
                fact + (hint.Length > 0 ? hint : "; declare it under 'services', or remove the entry"));
        }
        else
        {
            diagnostics.Report(
                ManifestDiagnostics.OptionalDependencyLeftOut,
                dependency.Location,
                $"{fact} and is left out, because it is optional{hint}");
        }
    }
}
