using System.CommandLine;
using System.Text.Json;
using Wasmrun.Cli.Rendering;
using Wasmrun.Control.Client;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun ps</c>: what runs, and where it is reached.</summary>
internal static class PsCommand
{
    internal static Command Create(CommandHost host)
    {
        var services = new Argument<string[]>("SERVICE") { Description = "Services to list; all when none is named", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all", "-a") { Description = "Also list services that ended or were stopped" };
        var status = new Option<string[]>("--status") { Description = "Only services in this state, ended ones too; may be given several times", HelpName = "STATE" };
        status.AcceptOnlyFromAmong(StringComparer.Ordinal, [.. Enum.GetValues<ServicePhase>().Select(ServiceText.State)]);
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print only the instances' names" };
        var names = new Option<bool>("--services") { Description = "Print only the services' names" };
        var format = OutputFormat.Option();
        var command = new Command("ps", "List the services of the stack") { services, all, status, quiet, names, format };
        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            async (runner, token) =>
            {
                var wanted = parsed.GetValue(services)!;
                var listed = await runner.Client.GetServicesAsync(token);
                var unknown = wanted.Except(listed.Select(service => service.Service), StringComparer.Ordinal).ToList();
                if (unknown.Count > 0)
                {
                    scope.Replies.ReportUnknown(unknown, [.. listed.Select(service => service.Service).Distinct(StringComparer.Ordinal)]);
                    return ExitCodes.Failure;
                }

                var states = parsed.GetValue(status)!;
                var shown = listed
                    .Where(service => wanted.Length == 0 || wanted.Contains(service.Service, StringComparer.Ordinal))
                    .Where(service => states.Length > 0
                        ? states.Contains(ServiceText.State(service.State), StringComparer.Ordinal)
                        : parsed.GetValue(all) || ServiceText.IsOfInterest(service))
                    .ToList();
                Print(scope, runner, shown, new Shape(parsed.GetValue(quiet), parsed.GetValue(names), parsed.GetValue(format)!));
                return ExitCodes.Success;
            },
            project =>
            {
                if (ClientCommand.Killed(scope, project) is { } killed)
                {
                    scope.Screen.Tell($"{scope.Screen.ErrorColors.Warning("warning:")} {killed}");
                }

                if (!parsed.GetValue(quiet) && !parsed.GetValue(names) && OutputFormat.IsTable(parsed.GetValue(format)!))
                {
                    Print(scope, new TextTable(_header));
                }

                return ExitCodes.Success;
            },
            token));
        return command;
    }

    private static readonly string[] _header = ["NAME", "MODULE", "SERVICE", "STATUS", "HEALTH", "PORTS"];

    private static void Print(CommandScope scope, FoundRunner runner, IReadOnlyList<ServiceStatus> services, Shape shape)
    {
        if (shape.OnlyServices || shape.OnlyNames)
        {
            foreach (var name in services.Select(service => shape.OnlyServices ? service.Service : service.Name).Distinct(StringComparer.Ordinal))
            {
                scope.Screen.WriteLine(name);
            }
        }
        else if (OutputFormat.IsTable(shape.Format))
        {
            PrintTable(scope, runner, services);
        }
        else
        {
            foreach (var service in services)
            {
                scope.Screen.WriteLine(JsonSerializer.Serialize(PsRow.Of(service), CliJsonContext.Relaxed.PsRow));
            }
        }
    }

    private static void PrintTable(CommandScope scope, FoundRunner runner, IReadOnlyList<ServiceStatus> services)
    {
        var now = scope.Environment.Time.GetUtcNow();
        var table = new TextTable(_header);
        foreach (var service in services)
        {
            var module = runner.Project.Directory is { } directory ? Path.GetRelativePath(directory, service.Module) : service.Module;
            table.Add(
                service.Name,
                module.StartsWith("..", StringComparison.Ordinal) ? service.Module : module,
                service.Service,
                ServiceText.Status(service, now),
                ServiceText.Health(service.Health),
                string.Join(", ", Reachability.Of(service.Publishers).Select(place => place.ForTable())));
        }

        Print(scope, table);
        var colors = scope.Screen.ErrorColors;
        foreach (var service in services.Where(service => service is { State: ServicePhase.Failed or ServicePhase.Running, Reason: not null }))
        {
            scope.Screen.Tell($"{service.Name} {(service.State == ServicePhase.Failed ? colors.Error("failed:") : colors.Warning("warning:"))} {service.Reason}");
        }
    }

    private static void Print(CommandScope scope, TextTable table)
    {
        foreach (var line in table.Lines())
        {
            scope.Screen.WriteLine(line);
        }
    }

    private sealed record Shape(bool OnlyNames, bool OnlyServices, string Format);
}
