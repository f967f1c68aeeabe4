using Wasmrun.Cli.Commands;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Fakes;

/// <summary>Runs command lines in this process, in folders of the test's own.</summary>
internal sealed class CliRun(TemporaryProject project, bool terminal = false)
{
    internal MemoryOutput Output { get; } = new(terminal);

    internal MemoryOutput Error { get; } = new(terminal);

    internal Dictionary<string, string> Variables { get; } = project.Variables;

    internal string WorkingDirectory { get; set; } = project.Root;

    internal TimeProvider Time { get; set; } = TimeProvider.System;

    internal string StandardInput { get; set; } = string.Empty;

    internal CliEnvironment Environment => new(Variables, WorkingDirectory, () => StandardInput, Output, Error, Time);

    internal Task<int> RunAsync(params string[] arguments) => CommandTree.RunAsync(arguments, Environment);

    /// <summary>The scope of a command without flags.</summary>
    internal CommandScope Scope()
    {
        var globals = new GlobalOptions(Variables);
        return new CommandScope(Environment, globals.Read(CommandTree.Create(Environment).Parse([])).Settings);
    }
}
