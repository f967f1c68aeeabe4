using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Wasmrun.Cli.Rendering;
using Wasmrun.Control.Client;
using Wasmrun.Control.Folders;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun ls</c>: every stack of this user that has a runner.</summary>
internal static class LsCommand
{
    internal static Command Create(CommandHost host)
    {
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print only the names" };
        var format = OutputFormat.Option();
        var command = new Command("ls", "List the running stacks") { quiet, format };
        host.Run(command, async (parsed, scope, token) =>
        {
            var rows = await FindAsync(scope, token);
            if (parsed.GetValue(quiet))
            {
                rows.ForEach(row => scope.Screen.WriteLine(row.Name));
            }
            else if (OutputFormat.IsTable(parsed.GetValue(format)!))
            {
                var table = new TextTable("NAME", "STATUS", "CONFIG FILES");
                rows.ForEach(row => table.Add(row.Name, row.Status, row.ConfigFiles));
                foreach (var line in table.Lines())
                {
                    scope.Screen.WriteLine(line);
                }
            }
            else
            {
                rows.ForEach(row => scope.Screen.WriteLine(JsonSerializer.Serialize(row, CliJsonContext.Relaxed.LsRow)));
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<List<LsRow>> FindAsync(CommandScope scope, CancellationToken token)
    {
        var finder = new RunnerFinder(scope.Environment.Time);
        var rows = new List<LsRow>();
        foreach (var name in ProjectFolder.FindAll(scope.Folders))
        {
            try
            {
                using var found = await finder.FindAsync(scope.Folder(name), token);
                if (found is not null)
                {
                    rows.Add(await DescribeAsync(found, token));
                }
            }
            catch (Exception error) when (error is RunnerSilentException or UntrustedFolderException)
            {
                scope.Screen.Tell($"{scope.Screen.ErrorColors.Warning("warning:")} {error.Message}");
            }
        }

        return rows;
    }

    private static async Task<LsRow> DescribeAsync(FoundRunner found, CancellationToken token)
    {
        var counts = (await found.Client.GetServicesAsync(token))
            .CountBy(service => ServiceText.State(service.State))
            .OrderByDescending(count => count.Value)
            .Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key}({count.Value})"));
        var project = found.Project;
        return new LsRow(project.Name, string.Join(", ", counts), string.Join(",", project.Files), project.Pid, project.Detached);
    }
}
