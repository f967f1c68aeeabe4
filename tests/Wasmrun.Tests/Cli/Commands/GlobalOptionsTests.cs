using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering.Progress;
using Wasmrun.Cli.Terminal;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Commands;

public sealed class GlobalOptionsTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly CliRun _run;

    public GlobalOptionsTests() => _run = new CliRun(_project);

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Flags_CountBeforeAndAfterTheCommand()
    {
        var settings = Read("-f", "a.yaml", "-p", "one", "up", "-f", "b.yaml", "-p", "two", "--profile", "x", "--profile", "y", "--ansi", "never", "--progress", "json");
        Assert.Equal(["a.yaml", "b.yaml"], settings.Files);
        Assert.Equal("two", settings.ProjectName);
        Assert.Equal(["x", "y"], settings.Profiles);
        Assert.Equal(AnsiMode.Never, settings.Ansi);
        Assert.Equal(ProgressMode.Json, settings.Progress);
    }

    [Fact]
    public void Variables_StandInForFlags()
    {
        _run.Variables["WASMRUN_FILE"] = "a.yaml:b.yaml";
        _run.Variables["WASMRUN_PROJECT_NAME"] = "shop";
        _run.Variables["WASMRUN_PROJECT_DIRECTORY"] = "/there";
        _run.Variables["WASMRUN_ENV_FILES"] = "one.env,two.env";
        _run.Variables["WASMRUN_PROFILES"] = "x, y";
        _run.Variables["WASMRUN_ANSI"] = "always";
        _run.Variables["WASMRUN_PROGRESS"] = "quiet";
        var settings = Read("ps");
        Assert.Equal(["a.yaml", "b.yaml"], settings.Files);
        Assert.Equal("shop", settings.ProjectName);
        Assert.Equal("/there", settings.ProjectDirectory);
        Assert.Equal(["one.env", "two.env"], settings.EnvFiles);
        Assert.Equal(["x", "y"], settings.Profiles);
        Assert.Equal(AnsiMode.Always, settings.Ansi);
        Assert.Equal(ProgressMode.Quiet, settings.Progress);
    }

    [Fact]
    public void Flags_WinOverVariables()
    {
        _run.Variables["WASMRUN_FILE"] = "a.yaml";
        _run.Variables["WASMRUN_PROJECT_NAME"] = "shop";
        var settings = Read("-f", "b.yaml", "-p", "other", "ps");
        Assert.Equal(["b.yaml"], settings.Files);
        Assert.Equal("other", settings.ProjectName);
    }

    [Fact]
    public void ShortF_MeansFollowInLogs_AndFileBeforeIt()
    {
        var parsed = CommandTree.Create(_run.Environment).Parse(["-f", "a.yaml", "logs", "-f", "web", "--file", "b.yaml"]);
        Assert.Empty(parsed.Errors);
        Assert.True(parsed.GetValue<bool>("--follow"));
        Assert.Equal(["web"], parsed.GetValue<string[]>("SERVICE")!);
    }

    [Theory]
    [InlineData("error: there is no command 'pss'; did you mean 'ps'?\nSee 'wasmrun --help'.\n", "pss")]
    [InlineData("error: --ansi: 'blue' is none of auto, always, never\nSee 'wasmrun ps --help'.\n", "ps", "--ansi", "blue")]
    [InlineData("error: --tail: 'x' is neither a number of lines nor 'all'\nSee 'wasmrun logs --help'.\n", "logs", "--tail", "x")]
    [InlineData("error: --timeout: '-1' is not a whole number from 0 on\nSee 'wasmrun stop --help'.\n", "stop", "-t", "-1")]
    [InlineData("error: --wait-timeout: 'soon' is not a whole number from 0 on\nSee 'wasmrun up --help'.\n", "up", "--wait-timeout", "soon")]
    [InlineData("error: --progress: 'bla' is none of auto, tty, plain, json, quiet\nSee 'wasmrun up --help'.\n", "--progress", "bla", "up")]
    [InlineData("error: --ansi: 'bla' is none of auto, always, never\nSee 'wasmrun ls --help'.\n", "--ansi", "bla", "ls", "--ansi", "never")]
    [InlineData("error: unknown option '--bogus'\nSee 'wasmrun ps --help'.\n", "ps", "--bogus")]
    [InlineData("error: unknown option '--detatch'; did you mean '--detach'?\nSee 'wasmrun up --help'.\n", "up", "--detatch", "web")]
    [InlineData("error: unknown option '-x'\nSee 'wasmrun stop --help'.\n", "stop", "web", "-x")]
    [InlineData("error: unknown option '--no-dep'; did you mean '--no-deps'?\nSee 'wasmrun scale --help'.\n", "scale", "web=2", "--no-dep")]
    [InlineData("error: unknown option '--bogus'\nSee 'wasmrun run --help'.\n", "run", "--bogus", "web", "--its-own")]
    [InlineData("error: --dry-run: 'ps' changes nothing that could be tried out\nSee 'wasmrun ps --help'.\n", "ps", "--dry-run")]
    [InlineData("error: Argument 'ruby' not recognized. Must be one of: 'python' 'nodejs' 'typescript'\nSee 'wasmrun runtime pull --help'.\n", "runtime", "pull", "ruby")]
    public async Task Rejects_CommandLineWithReasonAndWhereToReadOn(string words, params string[] arguments)
    {
        Assert.Equal(2, await _run.RunAsync(arguments));
        Assert.Equal(words, _run.Error.Text);
        Assert.Empty(_run.Output.Text);
    }

    [Fact]
    public async Task WordsBehindTheDashes_AreNames()
    {
        Assert.Equal(1, await _run.RunAsync("-p", "shop", "stop", "--", "--bogus"));
        Assert.DoesNotContain("option", _run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_VariableWithABadValue()
    {
        _run.Variables["WASMRUN_PROGRESS"] = "loud";
        Assert.Equal(2, await _run.RunAsync("-p", "shop", "ps"));
        Assert.Contains("WASMRUN_PROGRESS: 'loud' is none of auto, tty, plain, json, quiet", _run.Error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--foward", "--forward")]
    [InlineData("--wtach", "--watch")]
    [InlineData("--frobnicate", null)]
    public async Task FlagOfOs_ThatIsMistyped_IsNotTheGuests(string word, string? meant)
    {
        _ = await _run.RunAsync("os", "missing.wasm", "--", word);
        Assert.DoesNotContain("unknown option", _run.Error.Text, StringComparison.Ordinal);

        Assert.Equal(2, await _run.RunAsync("os", "missing.wasm", word));

        Assert.Equal(meant is not null, _run.Error.Text.Contains($"unknown option '{word}'; did you mean '{meant}'?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_IsTheNumberAlone()
    {
        Assert.Equal(0, await _run.RunAsync("--version"));
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", _run.Output.Text);
    }

    [Fact]
    public void EveryCommand_HasADescriptionOnEachOfItsFlags()
    {
        var commands = CommandTree.Create(_run.Environment).Subcommands.Where(command => !command.Hidden).ToList();
        Assert.All(commands, command => Assert.False(string.IsNullOrEmpty(command.Description), command.Name));
        Assert.All(
            commands.SelectMany(command => command.Options.Select(option => (command.Name, option))),
            pair => Assert.False(string.IsNullOrEmpty(pair.option.Description), $"{pair.Name} {pair.option.Name}"));
    }

    private GlobalSettings Read(params string[] arguments)
    {
        var globals = new GlobalOptions(_run.Variables);
        var root = new System.CommandLine.RootCommand();
        globals.AddAllTo(root);
        foreach (var name in new[] { "up", "ps" })
        {
            var command = new System.CommandLine.Command(name);
            globals.AddAllTo(command);
            root.Add(command);
        }

        var (settings, complaints) = globals.Read(root.Parse(arguments));
        Assert.Empty(complaints);
        return settings;
    }
}
