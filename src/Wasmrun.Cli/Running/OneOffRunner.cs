using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Cli.Running;

/// <summary>
/// <c>wasmrun run</c>: has the project's runner run something once, or a runner that is started for it and that ends with it, unless
/// something else runs by then.
/// </summary>
internal sealed class OneOffRunner(CommandScope scope, ManifestResult manifest, RunRequest request)
{
    /// <summary>A runner that is found may be about to end; so may the next one.</summary>
    private const int Tries = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal async Task<int> RunAsync(StackSpec stack, CancellationToken token)
    {
        using var termination = SignalTermination.Listen(scope.Environment.Time, ignoreHangup: false);
        var folder = scope.Folder(stack.Name);
        var finder = new RunnerFinder(scope.Environment.Time);
        for (var tries = 0; tries < Tries && !termination.Requested.IsCompleted; tries++)
        {
            var running = await finder.FindAsync(folder, token);
            using var found = running ?? await new RunnerLauncher(scope).LaunchAsync(folder, token);
            if (found is null)
            {
                return ExitCodes.Failure;
            }

            var session = new OneOffSession(scope, found.Client, new OneOffVoice(scope, Dependencies(stack)), termination);
            var outcome = await session.RunAsync(request, manifest, token);
            if (outcome.EndsRunner)
            {
                // Nothing is left of it when this command is done, and the next one finds no runner that is about to go.
                await finder.WaitUntilGoneAsync(folder, found.Project.Pid, Patience, token);
            }

            if (outcome.ExitCode is { } code)
            {
                return code;
            }
        }

        if (termination.Requested.IsCompleted)
        {
            return ExitCodes.Interrupted;
        }

        scope.Replies.TellError($"the runner of '{stack.Name}' is ending; try again");
        return ExitCodes.Failure;
    }

    private HashSet<string> Dependencies(StackSpec stack)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (!request.Flags.NoDependencies)
        {
            Visit(request.Flags.Service);
        }

        return found;

        void Visit(string name)
        {
            foreach (var dependency in stack.Services.Where(service => service.Name == name).SelectMany(service => service.DependsOn))
            {
                if (found.Add(dependency.Service))
                {
                    Visit(dependency.Service);
                }
            }
        }
    }
}
