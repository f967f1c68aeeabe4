using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli;

/// <summary>Where the process begins.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments)
    {
        StandardStreams.Ensure();
        var environment = CliEnvironment.OfProcess();
        if (arguments is ["--version"])
        {
            // Asked often by scripts: without building the tree of commands.
            PrintVersion.Print(environment);
            return Task.FromResult(ExitCodes.Success);
        }

        return CommandTree.RunAsync(arguments, environment);
    }
}
