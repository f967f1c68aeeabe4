using System.ComponentModel;
using System.Diagnostics;
using Wasmrun.Runtimes.Projects;
using Wasmrun.Runtimes.Python;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes;

/// <summary>Installs what a project lacks with a tool of the host, when the user asks for that: the requirements of Python projects, by <c>pip</c>.</summary>
public static class HostInstaller
{
    /// <summary>
    /// pip without the modules that lie in the working directory, which is the project, and without other processes, in which it would run the code
    /// of packages that have to be built. The loader of musl is only asked for its version.
    /// </summary>
    private const string Pip = """
        import sys
        if sys.path[0] == '': del sys.path[0]
        import os, runpy
        def refuse(event, arguments):
            if event in ('subprocess.Popen', 'os.system', 'os.exec', 'os.posix_spawn', 'os.fork', 'os.forkpty'):
                if event != 'subprocess.Popen' or not os.path.basename(os.fsdecode(arguments[0] or '')).startswith('ld-musl'):
                    raise OSError('only ready-made packages (wheels) are installed; this one would have to be built, which runs its code')
        sys.addaudithook(refuse)
        sys.argv[0] = 'pip'
        runpy.run_module('pip', run_name='__main__', alter_sys=True)
        """;

    /// <summary>Installs into the project's <c>.wasmrun</c> folder, and touches nothing else of it.</summary>
    /// <param name="tellAll">Told every line that pip complains of or warns with; null for none, which leaves those that say why it failed.</param>
    /// <returns>Null when nothing is missing now, otherwise why it is.</returns>
    public static async Task<string?> InstallAsync(ProgramSource.Project project, Action<string> tell, Action<string>? tellAll, CancellationToken token)
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

        // The guest of the project may be running, and write where pip does: so pip writes where no guest can.
        var staging = Directory.CreateTempSubdirectory("wasmrun-pip-").FullName;
        try
        {
            if (await RunAsync(project.Folder, MissingRequirements.InstallArguments(project.Folder, staging, missing), tellAll, token) is { } complaint)
            {
                return $"{string.Join(", ", missing)} cannot be installed for '{project.Folder}':\n    {complaint}\n    to try it by hand: {MissingRequirements.InstallCommand(project.Folder, missing)}";
            }

            using var folder = new ConfinedFolder(project.Folder);
            folder.CopyFrom(staging, PythonProject.InstalledFolder);
            return null;
        }
        catch (IOException e)
        {
            return $"what was installed for '{project.Folder}' cannot be kept: {e.Message}";
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    private static async Task<string?> RunAsync(string folder, IReadOnlyList<string> arguments, Action<string>? tellAll, CancellationToken token)
    {
        var start = new ProcessStartInfo("python3", ["-c", Pip, .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(token);
                var errors = new List<string>();
                while (await process.StandardError.ReadLineAsync(token) is { } line)
                {
                    errors.Add(line);
                    tellAll?.Invoke($"pip: {line}");
                }

                await output;
                await process.WaitForExitAsync(token);
                return process.ExitCode == 0 ? null : string.Join("\n    ", PipComplaint.Of(errors));
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
