using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Loading;

/// <summary>
/// Keeps guests from writing what the host runs or believes: a project that holds the manifest could give itself a <c>build</c>, and one that is
/// built could change what the build runs.
/// </summary>
internal static class TrustedProjects
{
    /// <summary>Marks the projects that their guests may only read.</summary>
    /// <param name="believed">Absolute paths of files that the stack is read from, whether they are there now or not.</param>
    public static IReadOnlyList<ServiceSpec> Protect(IReadOnlyList<ServiceSpec> services, IEnumerable<string> believed)
    {
        var files = believed.Select(Real).ToList();
        return
        [
            .. services.Select(service => service.Project is { } project && (service.Build is not null || files.Exists(file => IsIn(file, Real(project))))
                ? service with { IsProjectReadOnly = true }
                : service),
        ];
    }

    private static bool IsIn(string file, string folder) =>
        file.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path without links, as far as it exists.</summary>
    private static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        foreach (var part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            try
            {
                real = new FileInfo(real).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? real;
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                // What cannot be followed is nobody's to write to either.
            }
        }

        return real;
    }
}
