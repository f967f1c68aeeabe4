using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Reading;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Validation;

/// <summary>Checks what only shows over the whole stack, and cuts the stack down to the services that are switched on.</summary>
internal static class StackValidator
{
    public static StackSpec Validate(StackSpec stack, SourceLocation root, ProfileSelection profiles, DiagnosticBag diagnostics)
    {
        var active = stack.Services.Where(service => profiles.Includes(service.Profiles)).Select(service => service.Name).ToHashSet();
        if (active.Count == 0 && stack.Services is [var off, ..])
        {
            diagnostics.Report(
                ManifestDiagnostics.NoServices,
                root,
                $"every service belongs to a profile that is not active; switch one on, such as --profile {off.Profiles[0]}");
        }

        var services = new DependencyValidator(stack.Services, active, diagnostics).Validate();
        new ForwardConflictValidator(diagnostics).Validate(services);
        EgressValidator.Validate(services, stack.Networks, diagnostics);
        ReplicaValidator.Validate(services, stack.Volumes, diagnostics);
        MountSourceValidator.Validate(services, diagnostics);
        return stack with
        {
            Services = services,
            Networks = WithDefault(stack.Networks, services),
            SwitchedOff = [.. stack.Services.Select(service => service.Name).Where(name => !active.Contains(name))],
        };
    }

    private static IReadOnlyList<NetworkSpec> WithDefault(IReadOnlyList<NetworkSpec> networks, IReadOnlyList<ServiceSpec> services)
    {
        var isUsed = services.Any(service => service.Networks.Contains(NetworksReader.Default));
        var isDeclared = networks.Any(network => network.Name == NetworksReader.Default);
        return isUsed && !isDeclared ? [.. networks, new NetworkSpec(NetworksReader.Default, Internal: false, Location: null)] : networks;
    }
}
