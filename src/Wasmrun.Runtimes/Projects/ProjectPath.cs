namespace Wasmrun.Runtimes.Projects;

/// <summary>Paths in a project, whose guest may have written to it: a link that it made must not lead the runner out of the folder.</summary>
internal static class ProjectPath
{
    /// <summary>Whether the path, which need not exist, stays in the project, and no part of it below the project is a link.</summary>
    /// <param name="path">Relative to the project.</param>
    public static bool IsInside(string project, string path)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(project));
        var full = Path.GetFullPath(path, root);
        if (!full.StartsWith($"{root}{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        {
            return false;
        }

        for (var at = full; at.Length > root.Length; at = Path.GetDirectoryName(at)!)
        {
            if (new FileInfo(at).LinkTarget is not null)
            {
                return false;
            }
        }

        return true;
    }
}
