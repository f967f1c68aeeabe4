using Wasmrun.Runtimes.Projects;

namespace Wasmrun.Runtimes.Python;

/// <summary>Which of a project's requirements are in none of the folders that its packages are looked for in.</summary>
internal static class MissingRequirements
{
    private static readonly string[] _usuallyUnneeded = ["pip", "setuptools", "wheel"];

    /// <summary>Normalised names, sorted.</summary>
    /// <param name="packageFolders">As the guest sees them.</param>
    public static IReadOnlyList<string> Of(string project, IEnumerable<string> packageFolders)
    {
        var required = RequirementNames.Of(project);
        if (required.Count == 0)
        {
            return [];
        }

        var installed = InstalledPackages.In(packageFolders
            .Where(folder => folder.StartsWith($"{ProjectMount.GuestPath}/", StringComparison.Ordinal))
            .Select(folder => Path.Combine(project, folder[(ProjectMount.GuestPath.Length + 1)..])));
        return [.. required.Where(name => !installed.Contains(name) && !_usuallyUnneeded.Contains(name))];
    }

    /// <summary>What to tell the user; null when nothing is missing. A program may run all the same: not all that is asked for is needed.</summary>
    public static string? Advice(string project, IEnumerable<string> packageFolders)
    {
        var missing = Of(project, packageFolders);
        return missing.Count == 0 ? null
            : $"the project '{project}' lacks {string.Join(", ", missing)}; install with --install, or with: {InstallCommand(project, missing)}";
    }

    /// <summary>What a user may type.</summary>
    public static string InstallCommand(string project, IReadOnlyList<string> missing) =>
        $"python3 -m pip {string.Join(' ', InstallArguments(project, Path.Combine(project, PythonProject.InstalledFolder), missing).Select(Quote))}";

    /// <summary>Makes pip install what is missing: only ready-made packages, so that none of their code is run.</summary>
    /// <param name="target">The folder that it installs into.</param>
    public static IReadOnlyList<string> InstallArguments(string project, string target, IReadOnlyList<string> missing) =>
    [
        "install", "--quiet", "--target", target, "--upgrade", "--only-binary", ":all:", "--python-version", "3.12",
        .. File.Exists(Path.Combine(project, RequirementNames.FileName)) ? ["-r", Path.Combine(project, RequirementNames.FileName)] : missing,
    ];

    private static string Quote(string argument) => argument.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:=".Contains(letter, StringComparison.Ordinal)) ? argument : $"'{argument}'";
}
