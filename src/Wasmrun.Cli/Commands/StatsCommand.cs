using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Wasmrun.Cli.Rendering;
using Wasmrun.Control.Client;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun stats</c>: what the instances use, again and again or once.</summary>
internal static class StatsCommand
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private static readonly string[] s_header = ["NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "CONNECTIONS"];

    internal static Command Create(CommandHost host)
    {
        var services = new Argument<string[]>("SERVICE") { Description = "Services to show; all when none is named", Arity = ArgumentArity.ZeroOrMore };
        var once = new Option<bool>("--no-stream") { Description = "Show what is used now, and end" };
        var format = OutputFormat.Option();
        var command = new Command("stats", "Show what the instances use: processor, memory, connections") { services, once, format };
        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            async (runner, token) =>
            {
                if (!await ClientCommand.KnowsAsync(scope, runner, parsed.GetValue(services)!, token))
                {
                    return ExitCodes.Failure;
                }

                var isTable = OutputFormat.IsTable(parsed.GetValue(format)!);
                var before = await LookAsync(runner.Client, parsed.GetValue(services)!, token);
                do
                {
                    await Task.Delay(s_interval, scope.Environment.Time, token);
                    var now = await LookAsync(runner.Client, parsed.GetValue(services)!, token);
                    Print(scope, [.. now.Select(stats => StatsRow.Of(before.Find(former => former.Name == stats.Name) ?? stats, stats))], isTable);
                    before = now;
                }
                while (!parsed.GetValue(once));

                return ExitCodes.Success;
            },
            token));
        return command;
    }

    private static async Task<List<InstanceStats>> LookAsync(ControlClient stack, string[] services, CancellationToken token) =>
        [.. (await stack.GetStatsAsync(token)).Where(stats => services.Length == 0 || services.Contains(stats.Service, StringComparer.Ordinal))];

    private static void Print(CommandScope scope, List<StatsRow> rows, bool isTable)
    {
        if (!isTable)
        {
            rows.ForEach(row => scope.Screen.WriteLine(JsonSerializer.Serialize(row, CliJsonContext.Relaxed.StatsRow)));
            return;
        }

        var table = new TextTable(s_header);
        rows.ForEach(row => table.Add(row.Name, row.CPUPerc, row.MemUsage, row.MemPerc, row.Connections.ToString(CultureInfo.InvariantCulture)));
        if (scope.Screen.OutputIsTerminal)
        {
            scope.Screen.ClearOutput();
        }

        foreach (var line in table.Lines())
        {
            scope.Screen.WriteLine(line);
        }
    }
}
