using System.ComponentModel;
using System.Diagnostics;
using Wasmrun.Runtimes.Projects;
using Wasmrun.Runtimes.Python;

namespace Wasmrun.Runtimes;

/// <summary>Installs what a project lacks with a tool of the host, when the user asks for that: the requirements of Python projects, by <c>pip</c>.</summary>
public static class HostInstaller
{
    private const int LinesToShow = 10;

    /// <summary>Installs into the project's <c>.wasmrun</c> folder, and touches nothing else of it.</summary>
    /// <returns>Null when nothing is missing now, otherwise why it is.</returns>
    public static async Task<string?> InstallAsync(ProgramSource.Project project, Action<string> tell, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(tell);
        if ((project.Language ?? LanguageDetector.Detect(project.Folder)) is not "python")
        {
            return null;
        }

        var missing = MissingRequirements.Of(project.Folder, PythonProject.FindPackages(project.Folder));
        if (missing.Count == 0)
        {
            return null;
        }

        if (!ProjectPath.IsInside(project.Folder, PythonProject.InstalledFolder))
        {
            return $"'{PythonProject.InstalledFolder}' of '{project.Folder}' is a link; remove it";
        }

        tell($"installing {string.Join(", ", missing)} for '{project.Folder}'");
        var arguments = MissingRequirements.InstallArguments(project.Folder, missing);
        return await RunAsync(project.Folder, arguments, token) is { } complaint
            ? $"'python3 {string.Join(' ', arguments)}' failed in '{project.Folder}': {complaint}"
            : null;
    }

    private static async Task<string?> RunAsync(string folder, IReadOnlyList<string> arguments, CancellationToken token)
    {
        var start = new ProcessStartInfo("python3", arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(token);
                var errors = await process.StandardError.ReadToEndAsync(token);
                await output;
                await process.WaitForExitAsync(token);
                return process.ExitCode == 0 ? null : string.Join("\n    ", errors.Trim().Split('\n').TakeLast(LinesToShow));
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
        catch (Win32Exception e)
        {
            return $"there is no python3 on this machine ({e.Message}); install it with its pip, or copy the packages into 'vendor'";
        }
    }
}
