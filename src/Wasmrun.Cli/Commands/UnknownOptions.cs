using System.CommandLine;
using System.CommandLine.Parsing;
using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Cli.Commands;

/// <summary>
/// Words that begin like a flag where a command takes names. The parser takes them for names; no service is called like that, and whoever
/// mistypes a flag is to hear of it. Behind <c>--</c> everything is a name, and what <c>os</c> does not know is the guest's unless it looks like one of its flags.
/// </summary>
internal static class UnknownOptions
{
    /// <summary>What is wrong, one complaint a word; none when the command line asks for help.</summary>
    internal static IReadOnlyList<string> Find(ParseResult parsed)
    {
        if (parsed.CommandResult.Command is not { } command || parsed.Action is HelpWithExamples)
        {
            return [];
        }

        var names = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. parsed.Tokens
                .TakeWhile(token => token.Type != TokenType.DoubleDash)
                .Where(token => token is { Type: TokenType.Argument, Value: ['-', _, ..] } && names.Contains(token.Value))
                .Select(token => command.Name == OsCommand.Name ? DescribeMistyped(token.Value, command) : Describe(token.Value, command))
                .OfType<string>(),
        ];
    }

    private static string Describe(string word, Command command)
    {
        if (word == GlobalOptions.DryRun)
        {
            return GlobalOptions.NothingToTry(command);
        }

        return $"unknown option '{word}'{(Meant(word, command) is { } closest ? $"; did you mean '{closest}'?" : string.Empty)}";
    }

    private static string? DescribeMistyped(string word, Command command) =>
        word.StartsWith("--", StringComparison.Ordinal) && Meant(word.Split('=')[0], command) is { } closest
            ? $"unknown option '{word}'; did you mean '{closest}'? An argument of the guest that looks like it goes behind --"
            : null;

    private static string? Meant(string word, Command command) => Suggestion.Closest(word, command.Options.Select(option => option.Name));
}
