using System.Security.Cryptography;
using System.Text;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Settings;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Cli.SingleModule;

/// <summary>The stack of one service that <c>wasmrun os</c> runs: the flags on top of the settings file.</summary>
internal static class OsStack
{
    private const int HashDigits = 6;

    /// <summary>The service's name: the module's, as far as it can be one.</summary>
    internal static string ServiceName(string module) => NameRules.Normalize(Path.GetFileNameWithoutExtension(module)) ?? "module";

    /// <summary>The same name for the same module, another one for a module of the same name elsewhere.</summary>
    internal static string ProjectName(string module)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(module)))[..HashDigits];
        return NameRules.Normalize($"{ServiceName(module)[..Math.Min(ServiceName(module).Length, 40)]}-{hash}")!;
    }

    /// <summary>What the flags say and, where they say nothing, what the file says.</summary>
    /// <param name="watch">Whether the flags ask for watching; the file may ask for it too.</param>
    internal static StackSpec Combine(StackSpec flags, OsSettings settings, bool watch)
    {
        var service = flags.Services[0];

        // A flag that leads to a port replaces what the file says about that port; other forwards of the file stay.
        var replaced = service.Forwards.Select(forward => (forward.GuestPort, forward.Protocol)).ToHashSet();
        IReadOnlyList<ForwardSpec> forwards =
            [.. service.Forwards, .. settings.Forwards.Where(forward => !replaced.Contains((forward.GuestPort, forward.Protocol)))];

        var environment = new Dictionary<string, string>(settings.Environment, StringComparer.Ordinal);
        foreach (var (name, value) in service.Environment.Where(pair => !service.IsPortImplied || pair.Key is not ServiceSpec.PortVariable))
        {
            environment[name] = value;
        }

        return flags with
        {
            Services =
            [
                (service with
                {
                    Command = service.Command.Count > 0 ? service.Command : settings.Command,
                    Forwards = forwards,
                    Watch = watch || settings.WatchEnabled == true
                        ? [new WatchSpec(service.SourcePath, WatchAction.Restart, settings.WatchIgnore, [])]
                        : [],
                    Egress = [.. service.Egress, .. settings.Egress],
                    IsProjectReadOnly = settings.File is not null,
                }).WithEnvironment(environment),
            ],
        };
    }
}
