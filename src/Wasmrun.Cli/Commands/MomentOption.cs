using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Wasmrun.Manifest.Parsing;

namespace Wasmrun.Cli.Commands;

/// <summary>Reads a moment, <c>2026-01-31T12:00:00Z</c>, or a while ago, <c>10m</c>: the argument of <c>--since</c> and <c>--until</c>.</summary>
internal static class MomentOption
{
    internal static Option<string?> Create(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "WHEN" };
        option.Validators.Add(result => Check(result, name));
        return option;
    }

    internal static DateTimeOffset? Read(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return null;
        }

        return DurationParser.TryParse(text, out var ago) ? now - ago : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal);
    }

    private static void Check(OptionResult result, string name)
    {
        if (result.Tokens.SingleOrDefault()?.Value is { } text && !DurationParser.TryParse(text, out _)
            && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out _))
        {
            result.AddError($"{name}: '{text}' is neither a moment such as 2026-01-31T12:00:00Z nor a while such as 10m.");
        }
    }
}
