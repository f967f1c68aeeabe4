using System.CommandLine;

namespace Wasmrun.Cli.Commands;

/// <summary>
/// Where a command line stops being this program's: what follows the service that <c>run</c> names is the guest's, flags included, as with
/// compose. It is told apart by <c>--</c>, which nobody has to write.
/// </summary>
internal static class GuestArguments
{
    private const string Separator = "--";

    /// <summary>The same command line with the separator in its place.</summary>
    internal static string[] Separate(string[] arguments, RootCommand root)
    {
        for (var count = 1; count < arguments.Length && arguments.Contains(RunCommand.Name, StringComparer.Ordinal); count++)
        {
            if (arguments[count - 1] == Separator)
            {
                break;
            }

            if (NamesService(root.Parse(arguments[..count])))
            {
                return [.. arguments[..count], .. arguments[count] == Separator ? Array.Empty<string>() : [Separator], .. arguments[count..]];
            }
        }

        return arguments;
    }

    private static bool NamesService(ParseResult parsed) =>
        parsed.CommandResult.Command is { Name: RunCommand.Name } run && parsed.GetResult(run.Arguments[0]) is { Tokens.Count: > 0 };
}
