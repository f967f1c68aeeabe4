using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli;

/// <summary>Where the process begins.</summary>
internal static class Program
{
    /// <summary>Threads of the pool that may stand still in a write to somebody who does not read, or wait for one that does: guests' output, and what the runner has to say.</summary>
    private const int StandingWriters = 4;

    private static Task<int> Main(string[] arguments)
    {
        StandardStreams.Ensure();
        var environment = CliEnvironment.OfProcess();
        // The pool would make up for those that stand still, but takes half a second for each.
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(workers + StandingWriters, completions);
        return CommandTree.RunAsync(arguments, environment);
    }
}
