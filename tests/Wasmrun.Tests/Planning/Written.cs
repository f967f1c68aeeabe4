using System.Net;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Tests.Planning;

/// <summary>Specifications as the manifest's validation would hand them over, with the few words a test cares about.</summary>
internal static class Written
{
    public static SourceLocation Somewhere { get; } = new("wasmrun-compose.yaml", 3, 5);

    public static StackSpec Stack(params ServiceSpec[] services) => new(
        "shop",
        "/shop",
        ["/shop/wasmrun-compose.yaml"],
        services,
        [],
        [.. services.SelectMany(service => service.Mounts).OfType<MountSpec.Named>().Select(mount => mount.Volume).Distinct(StringComparer.Ordinal)
            .Select(volume => new VolumeSpec(volume, Somewhere))]);

    public static ServiceSpec Service(string name, params string[] dependsOn) => new(name, Somewhere)
    {
        Module = $"/shop/{name}.wasm",
        DependsOn = [.. dependsOn.Select(dependency => Dependency(dependency))],
    };

    public static DependencySpec Dependency(
        string service, DependencyCondition condition = DependencyCondition.Started, bool required = true, bool restart = false) =>
        new(service, condition, required, restart, Somewhere);

    public static ServiceSpec Forwarding(this ServiceSpec service, int? hostPort, int guestPort, string address = "127.0.0.1") => service with
    {
        Forwards = [.. service.Forwards, new([IPAddress.Parse(address)], hostPort, guestPort, TransportProtocol.Tcp, Somewhere)],
    };

    public static ServiceSpec Mounting(this ServiceSpec service, string volume) => service with
    {
        Mounts = [.. service.Mounts, new MountSpec.Named(volume, "/data", ReadOnly: false, Somewhere)],
    };

    public static ServiceSpec With(this ServiceSpec service, string variable, string value) => service with
    {
        Environment = new Dictionary<string, string>(service.Environment, StringComparer.Ordinal) { [variable] = value },
    };
}
