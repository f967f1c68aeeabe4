using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering;
using Wasmrun.Control.Client;
using Wasmrun.Control.Folders;
using Wasmrun.Manifest.Parsing;

namespace Wasmrun.Cli.Projects;

/// <summary>
/// Finds out which project a command is about: the name that was given, or the manifest's. A manifest that is broken at the moment must
/// not keep anybody from looking at the stack or taking it down, so a runner that was started from this folder counts as well.
/// </summary>
internal sealed class ProjectResolver(CommandScope scope, RunnerFinder finder)
{
    /// <summary>The name, or null when there is none, and the user has been told why.</summary>
    internal async Task<string?> ResolveAsync(CancellationToken token)
    {
        if (scope.Settings.ProjectName is { } given)
        {
            if (NameRules.IsValid(given))
            {
                return given;
            }

            scope.Replies.TellError($"'{given}' cannot name a project: {NameRules.Rule}");
            return null;
        }

        var manifest = scope.LoadManifest();
        if (manifest.Stack is { } stack)
        {
            return stack.Name;
        }

        if (await FindRunningAsync(token) is { } running)
        {
            return running;
        }

        new DiagnosticPrinter(scope.Screen).Print(manifest.Diagnostics, manifest.Sources.LineAt);
        return null;
    }

    /// <summary>The project that runs from one of the given files, or from the nearest folder at or above this one.</summary>
    private async Task<string?> FindRunningAsync(CancellationToken token)
    {
        var here = scope.Environment.WorkingDirectory;
        var files = scope.Settings.Files.Select(file => Path.GetFullPath(file, here)).ToList();
        var candidates = new List<(string Name, int Depth)>();
        foreach (var name in ProjectFolder.FindAll(scope.Folders))
        {
            using var found = await finder.FindAsync(scope.Folder(name), token);
            if (found?.Project is { Directory: { } directory } project &&
                (files.Count > 0 ? project.Files.Any(files.Contains) : IsAtOrAbove(directory, here)))
            {
                candidates.Add((name, directory.Length));
            }
        }

        var nearest = candidates.Where(candidate => candidate.Depth == candidates.Max(other => other.Depth)).ToList();
        return nearest is [var only] ? only.Name : null;
    }

    private static bool IsAtOrAbove(string folder, string path) =>
        string.Equals(folder, path, StringComparison.Ordinal) ||
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
