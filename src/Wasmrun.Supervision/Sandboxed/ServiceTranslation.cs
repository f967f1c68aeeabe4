using System.Globalization;
using Wasmrun.Manifest.Specs;
using Wasmrun.Network;
using Wasmrun.Network.Egress;
using Wasmrun.Planning.Changes;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>Says in the network's terms what the manifest says about a service.</summary>
internal static class ServiceTranslation
{
    /// <summary>The options of a service's place on the networks.</summary>
    /// <exception cref="IOException">The network does not understand an egress rule.</exception>
    public static ServiceNetworkOptions Options(ServiceSpec service, IReadOnlyList<NetworkSpec> networks) => Declaration(service) with
    {
        Egress = [.. service.Egress.Select(Rule)],
        EgressDenied = Fingerprints.IsInternal(service, networks),
        Hold = service.Hold,
    };

    /// <summary>What others need to know of a service to find it.</summary>
    public static ServiceNetworkOptions Declaration(ServiceSpec service) => new()
    {
        Name = service.Name,
        Networks = service.Networks,
        Aliases = [.. service.Aliases.Select(alias => new NetworkAlias(alias.Network, alias.Name))],
    };

    private static EgressRule Rule(EgressSpec egress)
    {
        var host = egress.Port is not null && egress.Host.Contains(':', StringComparison.Ordinal) ? $"[{egress.Host}]" : egress.Host;
        var text = egress.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{host}:{port}") : host;
        return EgressRule.TryParse(text, out var rule, out var problem) ? rule : throw new IOException($"{egress.Location}: egress '{text}': {problem}");
    }
}
