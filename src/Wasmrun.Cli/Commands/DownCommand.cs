using System.CommandLine;
using System.Globalization;
using Wasmrun.Cli.Running;
using Wasmrun.Control.Client;
using Wasmrun.Reconciliation.Downing;

namespace Wasmrun.Cli.Commands;

/// <summary>
/// <c>wasmrun down</c>: stops and removes everything, and succeeds only when nothing is left: no service, no port, no process.
/// </summary>
internal static class DownCommand
{
    /// <summary>How long the runner may take to end after all of its services have.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal static Command Create(CommandHost host)
    {
        var volumes = new Option<bool>("--volumes", "-v") { Description = "Also remove the named volumes and what is in them" };
        var orphans = new Option<bool>("--remove-orphans") { Description = "For who is used to it: also services that the manifest no longer declares, as always" };
        var timeout = CommonOptions.Timeout();
        var command = new Command("down", "Stop and remove everything, and prove that nothing is left") { volumes, orphans, timeout };
        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            (runner, token) => RunAsync(
                scope, runner, new DownOptions(parsed.GetValue(volumes), CommonOptions.Seconds(parsed.GetValue(timeout))), token),
            project => new AbandonedStack(scope, project).TakeDown(parsed.GetValue(volumes) && !scope.Settings.DryRun, isDryRun: scope.Settings.DryRun),
            token));
        return command;
    }

    private static async Task<int> RunAsync(CommandScope scope, FoundRunner runner, DownOptions options, CancellationToken token)
    {
        if (scope.Settings.DryRun)
        {
            return scope.Replies.Report(await runner.Client.PreviewDownAsync(options, token), manifest: null);
        }

        var report = await new WatchedChange(scope, runner.Client).RunAsync(token => runner.Client.DownAsync(options, token), token);
        foreach (var volume in report.RemovedVolumes)
        {
            scope.Screen.Tell($"volume {volume}  {scope.Screen.ErrorColors.Good("Removed")}");
        }

        foreach (var leftover in report.Leftovers)
        {
            scope.Replies.TellError($"left behind: {leftover}");
        }

        var folder = scope.Folder(runner.Project.Name);
        if (!await new RunnerFinder(scope.Environment.Time).WaitUntilGoneAsync(folder, runner.Project.Pid, Patience, token))
        {
            scope.Replies.TellError(string.Create(
                CultureInfo.InvariantCulture, $"the runner (pid {runner.Project.Pid}) has stopped its services but does not end; its log is {folder.RunnerLogPath}"));
            return ExitCodes.Failure;
        }

        if (!report.IsClean)
        {
            return ExitCodes.Failure;
        }

        scope.Screen.Tell($"{scope.Screen.ErrorColors.Strong(runner.Project.Name)} is down: no instance, listener, socket file or process is left");
        return ExitCodes.Success;
    }
}
