using System.Globalization;
using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Running;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Folders;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Settings;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Cli.SingleModule;

/// <summary>Runs one module or project in this process, from the flags to the guest's exit code.</summary>
internal sealed class OsRun(CommandScope scope, OsArguments arguments)
{
    internal async Task<int> RunAsync(CancellationToken token)
    {
        var here = scope.Environment.WorkingDirectory;
        if (Load(here) is not { } loaded)
        {
            return ExitCodes.InvalidManifest;
        }

        if (arguments.Install && !await Installation.RunAsync(scope, loaded.Stack!.Services, arguments.Verbose, token))
        {
            return ExitCodes.Failure;
        }

        using var termination = SignalTermination.Listen(scope.Environment.Time, ignoreHangup: false);
        var (folder, taken) = TakeFolder(loaded.Stack!.Name);
        using (taken)
        {
            await using var runner = await RunnerHost.StartAsync(scope, folder, RunnerKind.Private, token);
            return await new OsSession(scope, runner.Control, arguments.Verbose, loaded.Stack.Services[0].Watch.Count > 0, termination)
                .RunAsync(token => runner.Control.ApplyAsync(loaded.Stack!, new ApplyOptions(), token), loaded, token);
        }
    }

    private ManifestResult? Load(string here)
    {
        var printer = new DiagnosticPrinter(scope.Screen);
        var path = Path.GetFullPath(arguments.Path, here);
        var settings = OsSettingsLoader.Load(Directory.Exists(path) ? path : Path.GetDirectoryName(path)!, here);
        printer.Print(settings.Diagnostics, settings.Sources.LineAt);
        var isProject = (arguments.Language ?? arguments.Entrypoint ?? settings.Settings?.Language ?? settings.Settings?.Entrypoint) is not null;
        var (module, complaint) = ModuleFinder.Find(arguments.Path, here, isProject);
        if (module is null)
        {
            scope.Replies.TellError(complaint);
            return null;
        }

        var flags = OsManifest.Load(arguments, settings.Settings, module, here, scope.Environment.Variables);
        printer.Print(flags.Diagnostics, static _ => null);
        if (settings.Settings is not { } found || flags.Stack is not { } stack)
        {
            return null;
        }

        var both = OsStack.Combine(stack, found, arguments.Watch);
        var conflicts = ManifestLoader.Recheck(both);
        printer.Print(conflicts, settings.Sources.LineAt);
        return conflicts.Count == 0 ? flags with { Stack = both, Sources = settings.Sources } : null;
    }

    /// <summary>The same module may run several times at once: the first free of its names is taken.</summary>
    private (ProjectFolder Folder, ProjectLock Taken) TakeFolder(string name)
    {
        for (var number = 1; ; number++)
        {
            var folder = scope.Folder(number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
            if (ProjectLock.TryTake(folder) is { } taken)
            {
                return (folder, taken);
            }
        }
    }
}
