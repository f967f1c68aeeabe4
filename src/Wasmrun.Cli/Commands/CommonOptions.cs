using System.CommandLine;
using System.Globalization;
using Wasmrun.Manifest.Parsing;

namespace Wasmrun.Cli.Commands;

/// <summary>Flags that several commands have.</summary>
internal static class CommonOptions
{
    internal static Option<int?> Timeout() =>
        Number("Seconds until a service that does not stop is ended; default: its stop_grace_period", "SECONDS", "--timeout", "-t");

    /// <summary>A whole number from 0 on, or null.</summary>
    internal static Option<int?> Number(string description, string helpName, string name, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            result.AddError($"{name}: '{result.Tokens[0].Value}' is not a whole number from 0 on.");
            return null;
        },
    };

    /// <summary>One value each time it is given.</summary>
    internal static Option<string[]> Repeatable(string name, string description, string helpName, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>So many seconds, as far as there are durations.</summary>
    internal static TimeSpan? Seconds(int? value) =>
        value is { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, DurationParser.Longest.TotalSeconds)) : null;
}
