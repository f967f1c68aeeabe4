using System.Globalization;
using Wasmrun.Cli.Projects;
using Wasmrun.Control.Client;
using Wasmrun.Reconciliation.State;

namespace Wasmrun.Cli.Commands;

/// <summary>What commands have in common that only talk to a runner: find it, or say that there is none.</summary>
internal sealed class ClientCommand(CommandScope scope)
{
    private readonly RunnerFinder _finder = new(scope.Environment.Time);

    /// <summary>Runs <paramref name="work"/> against the project's runner.</summary>
    /// <param name="withoutRunner">The exit code when there is no runner, given the project's name; says so to the user itself.</param>
    internal async Task<int> RunAsync(
        Func<FoundRunner, CancellationToken, Task<int>> work, Func<string, int> withoutRunner, CancellationToken token)
    {
        if (await new ProjectResolver(scope, _finder).ResolveAsync(token) is not { } project)
        {
            return ExitCodes.InvalidManifest;
        }

        using var found = await _finder.FindAsync(scope.Folder(project), token);
        return found is null ? withoutRunner(project) : await work(found, token);
    }

    /// <summary>The same for commands that make no sense without a runner.</summary>
    internal Task<int> RunAsync(Func<FoundRunner, CancellationToken, Task<int>> work, CancellationToken token) =>
        RunAsync(work, SayNothingRuns, token);

    /// <summary>Whether the stack has all of the services; says which it has not.</summary>
    internal static async Task<bool> KnowsAsync(CommandScope scope, FoundRunner runner, IReadOnlyList<string> services, CancellationToken token)
    {
        var known = (await runner.Client.GetServicesAsync(token)).Select(service => service.Service).Distinct(StringComparer.Ordinal).ToList();
        var unknown = services.Except(known, StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            scope.Replies.ReportUnknown(unknown, known);
        }

        return unknown.Count == 0;
    }

    /// <summary>That the project's runner was killed, and what to do, in words; null when it was not, or that was seen to.</summary>
    internal static string? Killed(CommandScope scope, string project) => new ProjectState(scope.Folder(project).State).Record is { } killed
        ? string.Create(CultureInfo.InvariantCulture, $"the runner of '{project}' (pid {killed.Runner}) was killed; start the stack again with 'wasmrun up', or clean up with 'wasmrun down'")
        : null;

    private int SayNothingRuns(string project)
    {
        scope.Replies.TellError(Killed(scope, project) ?? $"no stack named '{project}' is running here; start it with 'wasmrun up'");
        return ExitCodes.Failure;
    }
}
