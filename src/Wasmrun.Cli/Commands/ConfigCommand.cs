using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Wasmrun.Cli.Rendering;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun config</c>: checks the manifest and prints what it comes to, everything merged, filled in and spelled out.</summary>
internal static class ConfigCommand
{
    private const string Yaml = "yaml";
    private const string Json = "json";

    internal static Command Create(CommandHost host)
    {
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only check the manifest" };
        var services = new Option<bool>("--services") { Description = "Print only the services' names" };
        var profiles = new Option<bool>("--profiles") { Description = "Print only the profiles' names" };
        var hash = new Option<string>("--hash")
        {
            Description = "Print a hash of each named service's configuration; * for all, else names with commas between them",
            HelpName = "SERVICE",
        };
        var format = new Option<string>("--format") { Description = "yaml or json", HelpName = "FORMAT", DefaultValueFactory = _ => Yaml };
        format.AcceptOnlyFromAmong(StringComparer.Ordinal, Yaml, Json);
        var command = new Command("config", "Check the manifest and print what it comes to") { quiet, services, profiles, hash, format };
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

            if (parsed.GetValue(hash) is { } hashed)
            {
                return Task.FromResult(PrintHashes(scope, stack, hashed));
            }

            IEnumerable<string> lines = parsed switch
            {
                _ when parsed.GetValue(services) => stack.Services.Select(service => service.Name).Order(StringComparer.Ordinal),
                _ when parsed.GetValue(profiles) => manifest.Profiles,
                _ when string.Equals(parsed.GetValue(format), Json, StringComparison.Ordinal) => [PlainJson.Write(ManifestWriter.Tree(stack))],
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

    /// <summary>One line a service: the hash is another one when something else is declared of the service.</summary>
    private static int PrintHashes(CommandScope scope, StackSpec stack, string wanted)
    {
        var names = string.Equals(wanted, "*", StringComparison.Ordinal)
            ? [.. stack.Services.Select(service => service.Name).Order(StringComparer.Ordinal)]
            : wanted.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var known = stack.Services.Select(service => service.Name).ToList();
        if (names.Except(known, StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
        {
            scope.Replies.ReportUnknown(unknown, known);
            return ExitCodes.Failure;
        }

        foreach (var name in names)
        {
            var service = stack.Services.First(service => string.Equals(service.Name, name, StringComparison.Ordinal));
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(PlainYaml.Write(ManifestWriter.Service(service))));
            scope.Screen.WriteLine($"{name} {Convert.ToHexStringLower(hash)}");
        }

        return ExitCodes.Success;
    }
}
