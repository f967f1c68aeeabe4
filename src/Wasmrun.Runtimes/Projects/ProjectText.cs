using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Projects;

/// <summary>Reads files of a project, whose guest may have put a link or something endless in their place.</summary>
internal static class ProjectText
{
    private const int MaxBytes = 1 << 20;

    /// <summary>The text of a file.</summary>
    /// <param name="path">Relative to the project; may go up within it.</param>
    /// <param name="maxBytes">What is longer is taken for none.</param>
    /// <returns>Null when the project has no such file of a sensible size; what lies outside is not the project's.</returns>
    public static string? Read(string project, string path, int maxBytes = MaxBytes)
    {
        try
        {
            using var folder = new ConfinedFolder(project);
            return folder.ReadText(path, maxBytes);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
