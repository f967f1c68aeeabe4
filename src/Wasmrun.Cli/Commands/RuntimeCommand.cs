using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Rendering.Progress;
using Wasmrun.Runtimes;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun runtime</c>: the packages that the language runtimes are made of, and the cache that they are kept in.</summary>
internal static class RuntimeCommand
{
    internal static Command CreateList(CommandHost host)
    {
        var format = OutputFormat.Option();
        var command = new Command("ls", "List the packages of the runtimes, and whether they are in the cache") { format };
        host.Run(command, (parsed, scope, _) =>
        {
            var rows = new RuntimeCatalog(Options(scope)).List();
            if (OutputFormat.IsTable(parsed.GetValue(format)!))
            {
                var table = new TextTable("RUNTIME", "PACKAGE", "VERSION", "SIZE", "LAST USED");
                foreach (var row in rows)
                {
                    table.Add(
                        row.Runtime,
                        row.Package,
                        row.Version,
                        row.Bytes is { } bytes ? Megabytes(bytes) : "not here",
                        row.LastUse is { } used ? $"{HumanDuration.Of(scope.Environment.Time.GetUtcNow() - used)} ago" : string.Empty);
                }

                foreach (var line in table.Lines())
                {
                    scope.Screen.WriteLine(line);
                }
            }
            else
            {
                foreach (var row in rows)
                {
                    scope.Screen.WriteLine(JsonSerializer.Serialize(row, CliJsonContext.Relaxed.RuntimeStatus));
                }
            }

            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    internal static Command CreatePull(CommandHost host)
    {
        var names = new Argument<string[]>("RUNTIME")
        {
            Description = $"{string.Join(", ", RuntimeCatalog.Names)}; all when none is named",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.AcceptOnlyFromAmong([.. RuntimeCatalog.Names]);
        var command = new Command("pull", "Fetch runtimes now, so that no network is needed later") { names };
        host.Run(command, async (parsed, scope, token) =>
        {
            var asked = parsed.GetValue(names) is { Length: > 0 } some ? some : RuntimeCatalog.Names;
            var fetched = await FetchDisplay.RunAsync(
                scope, progress => new RuntimeCatalog(Options(scope, progress)).PullAsync(asked, scope.Environment.WorkingDirectory, token));
            scope.Screen.Tell(fetched.Count == 0 ? "everything is here already" : $"fetched {string.Join(", ", fetched)}");
            return ExitCodes.Success;
        });
        return command;
    }

    internal static Command CreatePrune(CommandHost host)
    {
        var all = new Option<bool>("--all", "-a") { Description = "Remove everything that no running stack uses" };
        var command = new Command("prune", "Remove what this version does not need and what projects have not used for 30 days") { all };
        host.Run(command, (parsed, scope, _) =>
        {
            var report = new RuntimeCatalog(Options(scope)).Prune(parsed.GetValue(all));
            foreach (var removed in report.Removed)
            {
                scope.Screen.WriteLine(removed);
            }

            foreach (var used in report.InUse)
            {
                scope.Screen.Tell($"{used} stays: a running stack uses it");
            }

            scope.Screen.Tell($"removed {report.Removed.Count.ToString(CultureInfo.InvariantCulture)}, which took {Megabytes(report.Bytes)}");
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    /// <summary>The cache of this invocation.</summary>
    internal static RuntimeOptions Options(CommandScope scope, Action<FetchProgress>? progress = null) =>
        new(Path.Combine(scope.Folders.Cache, "runtimes"), scope.Environment.Variables) { Progress = progress, Time = scope.Environment.Time, Tell = scope.Screen.Tell };

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");
}
