using System.CommandLine;
using System.CommandLine.Parsing;
using Wasmrun.Cli.Rendering.Progress;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli.Commands;

/// <summary>
/// The flags that may stand before the command's name as well as after it, each with its <c>WASMRUN_*</c> variable: the flag beside the
/// command wins, then the one before it, then the variable. A command gets only those that mean something to it.
/// </summary>
internal sealed class GlobalOptions(IReadOnlyDictionary<string, string> variables)
{
    private const string FileName = "--file";
    private const string ProjectName = "--project-name";
    private const string ProjectDirectory = "--project-directory";
    private const string EnvFile = "--env-file";
    private const string Profile = "--profile";
    private const string Ansi = "--ansi";
    private const string Progress = "--progress";
    internal const string DryRun = "--dry-run";

    /// <summary>Every option that was made, the command's own before those of the root.</summary>
    private readonly List<Option> _options = [];

    internal void AddAllTo(Command command)
    {
        AddManifestTo(command);
        AddTerminalTo(command);
    }

    /// <summary>What decides which stack a command is about.</summary>
    internal void AddManifestTo(Command command)
    {
        // In 'logs', as in compose, -f means follow.
        var shortFile = command.Options.Any(option => option.Aliases.Contains("-f")) ? Array.Empty<string>() : ["-f"];

        // In 'run', as there, -p means publish.
        var shortName = command.Options.Any(option => option.Aliases.Contains("-p")) ? Array.Empty<string>() : ["-p"];
        Add(command, List(FileName, "Manifest to read; repeatable, - for standard input [WASMRUN_FILE]", "FILE", shortFile));
        Add(command, Text(ProjectName, "Name of the project [WASMRUN_PROJECT_NAME]", "NAME", shortName));
        Add(command, Text(ProjectDirectory, "Folder that relative paths of the manifest start from [WASMRUN_PROJECT_DIRECTORY]", "PATH"));
        Add(command, List(EnvFile, "File of variables for the manifest, instead of .env [WASMRUN_ENV_FILES]", "FILE"));
        Add(command, List(Profile, "Profile to switch on; repeatable, * for all [WASMRUN_PROFILES]", "NAME"));
    }

    /// <summary>How things are shown.</summary>
    internal void AddTerminalTo(Command command)
    {
        Add(command, Choice<AnsiMode>(Ansi, "When to print control characters: auto, always, never [WASMRUN_ANSI]"));
        Add(command, Choice<ProgressMode>(Progress, "How to show progress: auto, tty, plain, json, quiet [WASMRUN_PROGRESS]"));
    }

    /// <summary>For the root, and for commands that can be tried out.</summary>
    internal void AddDryRunTo(Command command) =>
        Add(command, new Option<bool>(DryRun) { Description = "Print what would be done and why, and do nothing" });

    /// <summary>The values for this command line, and what is wrong with the variables that it leaves to speak.</summary>
    internal (GlobalSettings Settings, IReadOnlyList<string> Complaints) Read(ParseResult parsed)
    {
        var complaints = new List<string>();
        var settings = new GlobalSettings(
            GivenList(parsed, FileName) ?? Split("WASMRUN_FILE", Path.PathSeparator),
            GivenText(parsed, ProjectName) ?? Variable("WASMRUN_PROJECT_NAME"),
            GivenText(parsed, ProjectDirectory) ?? Variable("WASMRUN_PROJECT_DIRECTORY"),
            GivenList(parsed, EnvFile) ?? Split("WASMRUN_ENV_FILES", ','),
            GivenList(parsed, Profile) ?? Split("WASMRUN_PROFILES", ','),
            GivenChoice<AnsiMode>(parsed, Ansi, "WASMRUN_ANSI", complaints),
            GivenChoice<ProgressMode>(parsed, Progress, "WASMRUN_PROGRESS", complaints),
            _options.Where(option => option.Name is DryRun).OfType<Option<bool>>().Any(parsed.GetValue));
        if (settings.DryRun && parsed.CommandResult.Command is var command && command.Options.All(option => option.Name is not DryRun))
        {
            complaints.Add(NothingToTry(command));
        }

        return (settings, complaints);
    }

    /// <summary>Why a command has no <c>--dry-run</c>.</summary>
    internal static string NothingToTry(Command command) => command.Name is OsCommand.Name or WatchCommand.Name
        ? $"{DryRun}: '{command.Name}' cannot be tried out"
        : $"{DryRun}: '{command.Name}' changes nothing that could be tried out";

    private void Add(Command command, Option option)
    {
        command.Add(option);
        _options.Add(option);
    }

    private static Option<string> Text(string name, string description, string helpName, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName };

    private static Option<string[]> List(string name, string description, string helpName, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private static Option<string> Choice<T>(string name, string description)
        where T : struct, Enum
    {
        var option = Text(name, description, "WHEN");
        option.CompletionSources.Add(Values<T>());
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && Complaint<T>(name, given.Value) is { } complaint)
            {
                result.AddError(complaint);
            }
        });
        return option;
    }

    private T GivenChoice<T>(ParseResult parsed, string name, string variable, List<string> complaints)
        where T : struct, Enum
    {
        // The parser asks only the options of the command itself whether they are valid.
        complaints.AddRange(Given(parsed, name).SelectMany(result => result.Tokens).Select(token => Complaint<T>(name, token.Value)).OfType<string>());
        var text = GivenText(parsed, name);
        if (text is null && Variable(variable) is { } value)
        {
            text = value;
            complaints.AddRange(Complaint<T>(variable, value) is { } complaint ? [complaint] : []);
        }

        return text is not null && Enum.TryParse<T>(text, ignoreCase: true, out var choice) ? choice : default;
    }

    private static string? Complaint<T>(string source, string value)
        where T : struct, Enum =>
        Values<T>().Contains(value, StringComparer.Ordinal) ? null : $"{source}: '{value}' is none of {string.Join(", ", Values<T>())}";

    private static string[] Values<T>()
        where T : struct, Enum =>
        [.. Enum.GetNames<T>().Select(value => value.ToLowerInvariant())];

    /// <summary>Several files before the command and after it are one list; of everything else the last one counts.</summary>
    private string[]? GivenList(ParseResult parsed, string name)
    {
        var given = Given(parsed, name).SelectMany(result => result.Tokens).Select(token => token.Value).ToArray();
        return given.Length > 0 ? given : null;
    }

    private string? GivenText(ParseResult parsed, string name) => Given(parsed, name).LastOrDefault()?.Tokens[^1].Value;

    /// <summary>Where the option was given: before the command first.</summary>
    private IEnumerable<OptionResult> Given(ParseResult parsed, string name) =>
        _options
            .Where(option => string.Equals(option.Name, name, StringComparison.Ordinal))
            .Select(parsed.GetResult)
            .OfType<OptionResult>()
            .Where(result => result.Tokens.Count > 0)
            .OrderByDescending(result => result.Parent is CommandResult { Command: RootCommand });

    private string[] Split(string variable, char separator) =>
        Variable(variable)?.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private string? Variable(string name) => variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}
