using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node;

/// <summary>Reads what npm keeps in a project, where a guest may have planted a link to a file of the host.</summary>
internal static class ProjectJson
{
    private const int MaxBytes = 64 << 20;

    /// <summary>The text of a file.</summary>
    /// <param name="path">Relative to the project.</param>
    /// <returns>Null when the project has no such file.</returns>
    /// <exception cref="ModuleLoadException">There is one that is not to be read.</exception>
    public static string? Read(string project, string path)
    {
        var text = ProjectText.Read(project, path, MaxBytes);
        return text is not null || !Path.Exists(Path.Combine(project, path))
            ? text
            : throw new ModuleLoadException($"{Path.Combine(project, path)} is not read: it has to be a file in the project itself, not a link that leads out of it, of at most {MaxBytes >> 20} MiB");
    }
}
