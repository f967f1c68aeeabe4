using System.CommandLine;
using Wasmrun.Cli.Rendering;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun config</c>: checks the manifest and prints what it comes to, everything merged, filled in and spelled out.</summary>
internal static class ConfigCommand
{
    internal static Command Create(CommandHost host)
    {
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only check the manifest" };
        var services = new Option<bool>("--services") { Description = "Print only the services' names" };
        var profiles = new Option<bool>("--profiles") { Description = "Print only the profiles' names" };
        var command = new Command("config", "Check the manifest and print what it comes to") { quiet, services, profiles };
        host.Run(command, (parsed, scope, _) =>
        {
            var manifest = scope.LoadManifest();
            new DiagnosticPrinter(scope.Screen).Print(manifest.Diagnostics, manifest.Sources.LineAt);
            if (manifest.Stack is not { } stack)
            {
                return Task.FromResult(ExitCodes.InvalidManifest);
            }

            if (parsed.GetValue(quiet))
            {
                return Task.FromResult(ExitCodes.Success);
            }

            IEnumerable<string> lines = parsed switch
            {
                _ when parsed.GetValue(services) => stack.Services.Select(service => service.Name).Order(StringComparer.Ordinal),
                _ when parsed.GetValue(profiles) => manifest.Profiles,
                _ => [ManifestWriter.Write(stack).TrimEnd('\n')],
            };
            foreach (var line in lines)
            {
                scope.Screen.WriteLine(line);
            }

            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
