using System.CommandLine;
using Wasmrun.Cli.Commands;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;
using Wasmrun.Tests.House;

namespace Wasmrun.Tests.Cli.Commands;

/// <summary>Holds <c>docs/commands.md</c> against the commands that there are.</summary>
public sealed class DocumentationTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly RootCommand _root;
    private readonly string _text = File.ReadAllText(Repository.PathOf("docs/commands.md"));

    public DocumentationTests() => _root = CommandTree.Create(new CliRun(_project).Environment);

    public void Dispose() => _project.Dispose();

    [Fact]
    public void EveryCommand_IsDocumented() =>
        Assert.All(
            Commands(_root),
            command => Assert.Contains(
                command.Parents.OfType<Command>().Single() is RootCommand ? $"`wasmrun {command.Name}" : $"`wasmrun {command.Parents.Single().Name} {command.Name}",
                _text,
                StringComparison.Ordinal));

    [Fact]
    public void EveryFlag_IsDocumentedUnderAllOfItsNames() =>
        Assert.All(
            Commands(_root).SelectMany(command => command.Options).Concat(_root.Options),
            option => Assert.All(
                option.Aliases.Append(option.Name).Where(name => name is not ("-?" or "/?" or "/h")),
                name => Assert.Contains($"`{name}", _text, StringComparison.Ordinal)));

    [Fact]
    public void EveryExitCode_IsDocumented() =>
        Assert.All(
            new[]
            {
                ExitCodes.Success, ExitCodes.Failure, ExitCodes.InvalidManifest, ExitCodes.WaitTimedOut, ExitCodes.WaitFailed,
                ExitCodes.PortConflict, ExitCodes.Interrupted,
            },
            code => Assert.Contains($"| {code} |", _text, StringComparison.Ordinal));

    private static IEnumerable<Command> Commands(Command parent) =>
        parent.Subcommands.Where(command => !command.Hidden).SelectMany(command => Commands(command).Prepend(command));
}
