using System.Text;
using Wasmrun.Manifest.Specs;
using Wasmrun.Network;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>Says in the sandbox's terms what the manifest says about a service.</summary>
internal static class InstanceTranslation
{
    public static InstanceOptions Options(InstanceRequest request, SandboxModule module, NetworkNamespace network, SandboxStackOptions stack) => module.IsProject
        ? module.Program.ForInstance(request.Name, network, request.Output, Limits(request.Service.Limits)) with { StandardInput = stack.StandardInput }
        : new()
        {
            Name = request.Name,
            Arguments = [Path.GetFileName(module.Path), .. request.Service.Command],
            Environment = request.Service.Environment,
            Mounts = Mounts(request.Service, stack),
            Network = network,
            Output = request.Output,
            StandardInput = stack.StandardInput,
            Limits = Limits(request.Service.Limits),
        };

    public static IReadOnlyList<GuestMount> Mounts(ServiceSpec service, SandboxStackOptions stack) => [.. service.Mounts.Select(mount => Mount(mount, stack))];

    public static InstanceLimits Limits(LimitsSpec limits) => new()
    {
        MemoryBytes = limits.MemoryBytes,
        Cpus = limits.Cpus,
        Descriptors = limits.Descriptors ?? InstanceLimits.UsualDescriptors,
        OutputBytesPerSecond = limits.OutputRate,
    };

    private static GuestMount Mount(MountSpec mount, SandboxStackOptions stack) => mount switch
    {
        MountSpec.Bind bind => new GuestMount.Host(bind.Target, bind.Source, bind.ReadOnly),
        MountSpec.Named named => new GuestMount.Host(named.Target, Path.Combine(stack.VolumesDirectory, named.Volume), named.ReadOnly),
        MountSpec.Granted { Source.File: { } file } granted => new GuestMount.Host(granted.Target, file, ReadOnly: true),
        MountSpec.Granted granted => new GuestMount.Text(granted.Target, Encoding.UTF8.GetBytes(granted.Source.Content ?? "")),
        MountSpec.Temporary temporary => new GuestMount.Temporary(temporary.Target, temporary.MaxBytes ?? stack.TemporaryBytes),
        _ => throw new NotSupportedException($"no mount for {mount.GetType().Name}"),
    };
}
