using System.CommandLine;
using System.Globalization;
using Wasmrun.Cli.Rendering;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun top</c>: the instances that run, as a process list shows processes.</summary>
internal static class TopCommand
{
    internal static Command Create(CommandHost host)
    {
        var services = new Argument<string[]>("SERVICE") { Description = "Services to show; all when none is named", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("top", "Show the instances that run") { services };
        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            async (runner, token) =>
            {
                var wanted = parsed.GetValue(services)!;
                if (!await ClientCommand.KnowsAsync(scope, runner, wanted, token))
                {
                    return ExitCodes.Failure;
                }

                var table = new TextTable("SERVICE", "NAME", "STIME", "TIME", "MEM", "CMD");
                foreach (var stats in (await runner.Client.GetStatsAsync(token)).Where(stats => wanted.Length == 0 || wanted.Contains(stats.Service, StringComparer.Ordinal)))
                {
                    table.Add(stats.Service, stats.Name, Started(scope, stats), Time(stats.Processor), StatsRow.Size(stats.MemoryBytes), Command(runner.Project.Directory, stats));
                }

                foreach (var line in table.Lines())
                {
                    scope.Screen.WriteLine(line);
                }

                return ExitCodes.Success;
            },
            token));
        return command;
    }

    private static string Started(CommandScope scope, InstanceStats stats) => stats.StartedAt is { } started
        ? TimeZoneInfo.ConvertTime(started, scope.Environment.Time.LocalTimeZone).ToString("HH:mm", CultureInfo.InvariantCulture)
        : "";

    private static string Time(TimeSpan processor) => string.Create(
        CultureInfo.InvariantCulture, $"{(int)processor.TotalHours:00}:{processor.Minutes:00}:{processor.Seconds:00}.{processor.Milliseconds / 10:00}");

    private static string Command(string? directory, InstanceStats stats)
    {
        var relative = directory is null ? stats.Command[0] : Path.GetRelativePath(directory, stats.Command[0]);
        return string.Join(' ', stats.Command.Skip(1).Prepend(relative.StartsWith("..", StringComparison.Ordinal) ? stats.Command[0] : relative));
    }
}
