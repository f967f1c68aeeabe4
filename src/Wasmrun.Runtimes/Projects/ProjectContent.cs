using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Wasmrun.Runtimes.Projects;

/// <summary>
/// Tells whether a project has changed: by name, size and time of its files, and never by reading them. Folders of packages,
/// caches and version control do not count, and neither do links.
/// </summary>
internal static class ProjectContent
{
    private const int MaxFiles = 20_000;

    private static readonly HashSet<string> _passedOver = new(StringComparer.Ordinal)
    {
        "node_modules", "__pycache__", "venv", "__pypackages__", "site-packages",
    };

    /// <summary>Equal as long as nothing has changed.</summary>
    /// <param name="runtimeHash">The hash of what runs the project.</param>
    public static string Hash(string folder, string runtimeHash)
    {
        var files = new List<string>();
        Collect(new DirectoryInfo(folder), folder, files);
        files.Sort(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{runtimeHash}\n{string.Join('\n', files)}")));
    }

    private static void Collect(DirectoryInfo folder, string root, List<string> files)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (files.Count >= MaxFiles || entry.LinkTarget is not null || entry.Name.StartsWith('.') || _passedOver.Contains(entry.Name))
            {
                continue;
            }

            if (entry is DirectoryInfo inner)
            {
                Collect(inner, root, files);
            }
            else if (entry is FileInfo file)
            {
                files.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{Path.GetRelativePath(root, file.FullName)}|{file.Length}|{file.LastWriteTimeUtc.Ticks}"));
            }
        }
    }
}
