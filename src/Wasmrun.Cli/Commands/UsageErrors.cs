using System.CommandLine;
using System.Text;
using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Cli.Commands;

/// <summary>What is wrong with a command line: every error on the error stream, where to read on, and exit code 2.</summary>
internal static class UsageErrors
{
    internal static int Report(ParseResult parsed, CliEnvironment environment)
    {
        var command = parsed.CommandResult.Command;
        if (command is RootCommand && parsed.UnmatchedTokens is [var unknown, ..])
        {
            var known = command.Subcommands.Where(candidate => !candidate.Hidden).Select(candidate => candidate.Name);
            var hint = Suggestion.Closest(unknown, known) is { } closest ? $"; did you mean '{closest}'?" : string.Empty;
            return Report([$"there is no command '{unknown}'{hint}"], command, environment);
        }

        return Report([.. parsed.Errors.Select(error => error.Message)], command, environment);
    }

    internal static int Report(IReadOnlyList<string> errors, Command command, CliEnvironment environment)
    {
        var text = new StringBuilder();
        foreach (var error in errors)
        {
            text.Append("error: ").AppendJoin(' ', error.TrimEnd('.').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Append('\n');
        }

        text.Append("See 'wasmrun ").Append(Words(command)).Append("--help'.\n");
        Tell(text.ToString(), environment);
        return ExitCodes.InvalidManifest;
    }

    /// <summary>Writes to the error stream, if that can be: the exit code tells as well.</summary>
    internal static void Tell(string text, CliEnvironment environment)
    {
        try
        {
            environment.Error.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // Closed, or on a full disk: there is no place left to complain to.
        }
    }

    /// <summary>What is typed for the command, a space behind each word.</summary>
    private static string Words(Command command) =>
        command is RootCommand ? string.Empty : string.Concat(command.Parents.OfType<Command>().Select(Words)) + command.Name + " ";
}
