using System.CommandLine;
using Wasmrun.Cli.Running;

namespace Wasmrun.Cli.Commands;

/// <summary>What <c>up -d</c> starts detached: a runner without a stack, which gets one through its control socket. Not for people.</summary>
internal static class RunnerCommand
{
    internal const string Name = "__runner";

    internal static Command Create(CommandHost host)
    {
        var command = new Command(Name) { Hidden = true };
        host.Run(command, (_, scope, token) => new DetachedRunner(scope).RunAsync(token));
        return command;
    }
}
