using System.Globalization;
using Wasmrun.Cli.Commands;
using Wasmrun.Control.Folders;
using Wasmrun.Reconciliation.State;

namespace Wasmrun.Cli.Running;

/// <summary><c>down</c> without a runner: removes what a killed one has left, and the named volumes if they are to go too.</summary>
internal sealed class AbandonedStack(CommandScope scope, string project)
{
    internal int TakeDown(bool volumes, bool isDryRun)
    {
        var folder = scope.Folder(project);
        var state = new ProjectState(folder.State);
        if (isDryRun && state.Record is { } left)
        {
            scope.Screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"remove what the killed runner (pid {left.Runner}) left"));
            return ExitCodes.Success;
        }

        if (state.Record is null && !(volumes && Directory.Exists(state.VolumesDirectory)))
        {
            return TellThatNothingRuns();
        }

        using var taken = ProjectLock.TryTake(folder);
        if (taken is null)
        {
            scope.Replies.TellError($"a runner of '{project}' is just starting or ending; try again");
            return ExitCodes.Failure;
        }

        if (state.Record is not { } killed)
        {
            TellThatNothingRuns();
        }
        else
        {
            state.RemoveLogs(killed.Observed.Select(instance => instance.Name));
            folder.RemoveRuntime();
            state.Keep(null);
            scope.Screen.Tell(string.Create(CultureInfo.InvariantCulture, $"the runner of '{project}' (pid {killed.Runner}) was killed; what it left is removed"));
        }

        foreach (var volume in volumes ? state.RemoveVolumes() : [])
        {
            scope.Screen.Tell($"volume {volume}  {scope.Screen.ErrorColors.Good("Removed")}");
        }

        return ExitCodes.Success;
    }

    private int TellThatNothingRuns()
    {
        scope.Screen.Tell($"no stack named '{project}' is running here; there is nothing to stop");
        return ExitCodes.Success;
    }
}
