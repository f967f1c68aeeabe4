using Wasmrun.Runtimes.Projects;

namespace Wasmrun.Cli.SingleModule;

/// <summary>Finds the one module, or the project, that a path given to <c>wasmrun os</c> means.</summary>
internal static class ModuleFinder
{
    private static readonly string[] _extensions = [".wasm", ".wat"];

    /// <summary>
    /// The file itself; of a folder the module in it, or among several the one that is named like the folder.
    /// </summary>
    /// <param name="isProject">Whether a folder is known to be a project; otherwise it is one if it holds no module.</param>
    /// <returns>The absolute path of the module or of the project folder, or what is wrong.</returns>
    internal static (string? Module, string Complaint) Find(string path, string workingDirectory, bool isProject = false)
    {
        var full = Path.GetFullPath(path, workingDirectory);
        if (File.Exists(full))
        {
            return (full, string.Empty);
        }

        if (!Directory.Exists(full))
        {
            return (null, $"there is neither a file nor a folder '{path}'; build it, or correct the path");
        }

        if (isProject)
        {
            return (Path.TrimEndingDirectorySeparator(full), string.Empty);
        }

        var modules = Directory.EnumerateFiles(full)
            .Where(file => _extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (modules.Count == 0 && LanguageDetector.Detect(full) is not null)
        {
            return (Path.TrimEndingDirectorySeparator(full), string.Empty);
        }

        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(full));
        var chosen = modules is [var only]
            ? only
            : modules.Find(module => string.Equals(Path.GetFileNameWithoutExtension(module), name, StringComparison.OrdinalIgnoreCase));
        return (chosen, chosen is not null ? string.Empty : modules.Count == 0
            ? $"there is no .wasm or .wat file in the folder '{path}', and {LanguageDetector.Advice.Replace("'language'", "--language", StringComparison.Ordinal)}"
            : $"there are several modules in the folder '{path}', and none is named like it: {string.Join(", ", modules.Select(Path.GetFileName))}; name one of them");
    }
}
