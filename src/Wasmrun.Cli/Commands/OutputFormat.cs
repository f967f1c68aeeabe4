using System.CommandLine;

namespace Wasmrun.Cli.Commands;

/// <summary>The <c>--format</c> of commands that list something: a table for people, JSON lines for programs.</summary>
internal static class OutputFormat
{
    private const string Table = "table";
    private const string Json = "json";

    internal static Option<string> Option()
    {
        var option = new Option<string>("--format")
        {
            Description = "table, or json for one JSON object a line",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => Table,
        };
        option.AcceptOnlyFromAmong(StringComparer.Ordinal, Table, Json);
        return option;
    }

    internal static bool IsTable(string format) => string.Equals(format, Table, StringComparison.Ordinal);
}
