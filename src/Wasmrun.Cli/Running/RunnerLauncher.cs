using System.Globalization;
using System.Text;
using Wasmrun.Cli.Commands;
using Wasmrun.Control.Client;
using Wasmrun.Control.Detaching;
using Wasmrun.Control.Folders;

namespace Wasmrun.Cli.Running;

/// <summary>Starts this executable again as a detached runner and waits until it answers, or says why it does not.</summary>
internal sealed class RunnerLauncher(CommandScope scope)
{
    private const long LogBytes = 1024 * 1024;
    private const int LinesToShow = 20;
    private const int Tries = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>The runner, or null when it ended at once, which the user has been told.</summary>
    internal async Task<FoundRunner?> LaunchAsync(ProjectFolder folder, CancellationToken token)
    {
        folder.EnsureRoot();
        folder.EnsureState();
        var logged = MakeRoomInLog(folder.RunnerLogPath);
        for (var tries = 1; ; tries++)
        {
            var (found, exitCode) = await LaunchOnceAsync(folder, token);
            if (found is not null)
            {
                return found;
            }

            // It left the work to another one, which has ended by now, or has done what somebody else asked of it.
            if (exitCode is not (ExitCodes.Success or DetachedRunner.NotNeeded) || tries == Tries)
            {
                Report(folder, exitCode, logged);
                return null;
            }
        }
    }

    private async Task<(FoundRunner? Found, int ExitCode)> LaunchOnceAsync(ProjectFolder folder, CancellationToken token)
    {
        var process = DetachedProcess.Start(Command(folder));
        while (true)
        {
            var ended = process.HasExited(out var exitCode);
            if (await RunnerFinder.TryConnectAsync(folder, token) is { } found)
            {
                return (found, exitCode);
            }

            if (ended)
            {
                return (null, exitCode);
            }

            await Task.Delay(Pause, scope.Environment.Time, token);
        }
    }

    /// <summary>The runner finds itself where this process is: the executable, or the shared host with the program's library.</summary>
    private DetachedCommand Command(ProjectFolder folder)
    {
        var program = Environment.ProcessPath ?? throw new IOException("the system does not tell where this program is");
        var hosted = string.Equals(Path.GetFileNameWithoutExtension(program), "dotnet", StringComparison.OrdinalIgnoreCase);
        string[] prefix = hosted ? ["exec", Path.Combine(AppContext.BaseDirectory, "wasmrun.dll")] : [];
        return new DetachedCommand(
            program, [.. prefix, RunnerCommand.Name, "--project-name", folder.Project], scope.Environment.Variables, folder.RunnerLogPath);
    }

    /// <summary>Keeps one earlier log beside the present one once that has grown large.</summary>
    /// <returns>Where in the log the new runner will begin.</returns>
    private static long MakeRoomInLog(string path)
    {
        var log = new FileInfo(path);
        if (log.Exists && log.Length > LogBytes)
        {
            log.MoveTo(path + ".1", overwrite: true);
            return 0;
        }

        return log.Exists ? log.Length : 0;
    }

    private void Report(ProjectFolder folder, int exitCode, long logged)
    {
        scope.Replies.TellError(string.Create(CultureInfo.InvariantCulture, $"the runner ended with exit code {exitCode} before it could do anything"));
        using var log = new FileStream(folder.RunnerLogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(logged, SeekOrigin.Begin);
        using var reader = new StreamReader(log, Encoding.UTF8);
        foreach (var line in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(LinesToShow))
        {
            scope.Screen.Tell($"    {line}");
        }
    }
}
