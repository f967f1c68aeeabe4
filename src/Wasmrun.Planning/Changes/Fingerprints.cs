using System.Globalization;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Planning.Changes;

/// <summary>Takes the fingerprint of what an instance of a service would be started from.</summary>
public static class Fingerprints
{
    /// <summary>Looks at nothing but the specification: the content is given by its hash.</summary>
    /// <param name="moduleHash">The content hash of what would run.</param>
    public static Fingerprint Of(ServiceSpec service, IReadOnlyList<NetworkSpec> networks, string moduleHash) => new(
        moduleHash,
        AspectHash.Of([Path.GetFileName(service.SourcePath), service.Language ?? "", service.Entrypoint ?? "", service.WorkingDirectory ?? "", .. service.Command]),
        AspectHash.Of(service.Environment.Where(entry => !service.IsPortImplied || entry.Key is not ServiceSpec.PortVariable).OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => new[] { entry.Key, entry.Value })),
        AspectHash.Of([.. service.Mounts.SelectMany(Describe), .. service.IsProjectReadOnly ? ["project", "ro"] : Array.Empty<string>()]),
        AspectHash.Of([Number(service.Limits.Descriptors), Number(service.Limits.OutputRate)]),
        AspectHash.Of(service.Healthcheck is { } healthcheck ? Describe(healthcheck) : []),
        OfNetwork(service, networks));

    /// <summary>The aspect that a service's place on the networks is made from.</summary>
    public static string OfNetwork(ServiceSpec service, IReadOnlyList<NetworkSpec> networks) => AspectHash.Of(
    [
        Number<long>(service.Hold.Ticks),
        .. service.Networks.Order(StringComparer.Ordinal),
        IsInternal(service, networks) ? "internal" : "",
        "aliases",
        .. service.Aliases.Select(alias => $"{alias.Network} {alias.Name}").Order(StringComparer.Ordinal),
        "egress",
        .. service.Egress.Select(rule => $"{rule.Host} {Number(rule.Port)}").Order(StringComparer.Ordinal),
    ]);

    /// <summary>Whether a service is on internal networks only, and so may not reach the outside whatever it lists.</summary>
    public static bool IsInternal(ServiceSpec service, IReadOnlyList<NetworkSpec> networks) =>
        service.Networks.Count > 0
        && service.Networks.All(name => networks.Any(network => network.Internal && string.Equals(network.Name, name, StringComparison.Ordinal)));

    private static IEnumerable<string> Describe(HealthcheckSpec healthcheck) =>
    [
        .. healthcheck.Probe switch
        {
            ProbeSpec.Disabled => ["disabled"],
            ProbeSpec.Http http => ["http", http.Path, Number<int>(http.Port)],
            ProbeSpec.Tcp tcp => ["tcp", Number<int>(tcp.Port)],
            ProbeSpec.LogLine line => ["log_line", line.Text],
            ProbeSpec.Command command => new List<string>(["test", .. command.Arguments]),
            _ => throw new NotSupportedException($"no description for {healthcheck.Probe.GetType().Name}"),
        },
        .. new[] { healthcheck.Interval, healthcheck.Timeout, healthcheck.StartPeriod, healthcheck.StartInterval }.Select(time => Number<long>(time.Ticks)),
        Number<int>(healthcheck.Retries),
    ];

    private static string[] Describe(MountSpec mount) => mount switch
    {
        MountSpec.Bind bind => ["bind", bind.Source, bind.Target, bind.ReadOnly ? "ro" : "rw"],
        MountSpec.Named named => ["volume", named.Volume, named.Target, named.ReadOnly ? "ro" : "rw"],
        MountSpec.Granted granted => ["granted", granted.Source.File ?? "", granted.Source.Content ?? "", granted.Target],
        MountSpec.Temporary temporary => ["tmpfs", temporary.Target, Number(temporary.MaxBytes)],
        _ => throw new NotSupportedException($"no description for {mount.GetType().Name}"),
    };

    private static string Number<T>(T? value)
        where T : struct, IFormattable => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
