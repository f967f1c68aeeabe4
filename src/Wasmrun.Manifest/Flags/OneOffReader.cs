using System.Security.Cryptography;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Flags;

/// <summary>Makes of a service and of flags what runs once: the service as it is written, but for what makes sense only for one that serves.</summary>
public static class OneOffReader
{
    private const int NameBytes = 4;

    /// <summary>The longest beginning of a service's name that leaves room for the rest of a made name.</summary>
    private const int LongestStem = 40;

    /// <summary>Reads the flags over a service.</summary>
    /// <param name="workingDirectory">Absolute; relative paths of the flags start here.</param>
    /// <param name="environment">For variables that are given without a value.</param>
    /// <returns>The instance, or null when a diagnostic is an error.</returns>
    public static (ServiceSpec? OneOff, IReadOnlyList<Diagnostic> Diagnostics) Read(
        ServiceSpec service, OneOffFlags flags, string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        var manifest = new FlagManifest("flags", flags.Name ?? service.Name, service.SourcePath);
        manifest.Text("build", "build", service.Build?.Command);
        manifest.Text("entrypoint", "--entrypoint", flags.Entrypoint);
        manifest.List("command", "ARGS", flags.Arguments);
        manifest.List("environment", "--env", flags.Environment);
        manifest.List("forwards", "--publish", flags.Publish);
        manifest.Volumes("--volume", flags.Volumes);
        var read = manifest.Load(workingDirectory, environment);
        return (read.Stack is { } stack ? Combine(service, flags, stack.Services[0]) : null, read.Diagnostics);
    }

    private static ServiceSpec Combine(ServiceSpec service, OneOffFlags flags, ServiceSpec given)
    {
        IReadOnlyList<ForwardSpec> forwards = [.. flags.ServicePorts ? service.Forwards : [], .. given.Forwards];
        return (service with
        {
            Name = flags.Name ?? NewName(service.Name),
            OneOffOf = service.Name,
            Entrypoint = given.Entrypoint ?? service.Entrypoint,
            Command = flags.Arguments.Count > 0 || flags.Entrypoint is not null ? given.Command : service.Command,
            Mounts = [.. service.Mounts.Where(mount => given.Mounts.All(other => other.Target != mount.Target)), .. given.Mounts],
            Forwards = forwards,
            Aliases = [],
            DependsOn = flags.NoDependencies ? [] : [.. service.DependsOn.Select(dependency => dependency with { Restart = false })],
            Healthcheck = HealthcheckSpec.Of(new ProbeSpec.Disabled()),
            Restart = RestartSpec.Never,
            Replicas = 1,
            Watch = [],
        }).WithEnvironment(Environment(service, flags, given));
    }

    /// <summary>Of what the flags were read to, only what they name: the rest is what a service has without them.</summary>
    private static Dictionary<string, string> Environment(ServiceSpec service, OneOffFlags flags, ServiceSpec given)
    {
        var variables = new Dictionary<string, string>(service.Environment, StringComparer.Ordinal);
        foreach (var name in flags.Environment.Select(written => written.Split('=')[0]))
        {
            if (given.Environment.TryGetValue(name, out var value))
            {
                variables[name] = value;
            }
        }

        return variables;
    }

    private static string NewName(string service) =>
        NameRules.Normalize($"{service[..Math.Min(service.Length, LongestStem)]}-run-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameBytes))}")!;
}
