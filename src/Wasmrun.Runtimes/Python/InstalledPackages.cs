namespace Wasmrun.Runtimes.Python;

/// <summary>Which packages lie in folders: by what pip has noted about them, or by a module of their name.</summary>
internal static class InstalledPackages
{
    private static readonly string[] _notes = [".dist-info", ".egg-info", ".egg-link"];

    /// <summary>Normalised names.</summary>
    public static IReadOnlySet<string> In(IEnumerable<string> folders)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in folders.Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries).Select(path => Path.GetFileName(path)!))
        {
            var isNote = _notes.Any(ending => entry.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
            names.Add(RequirementNames.Normalize(isNote ? entry.Split('-')[0].Split('.')[0] : Path.GetFileNameWithoutExtension(entry)));
            if (isNote && Path.GetFileNameWithoutExtension(entry) is var full && full.LastIndexOf('-') is > 0 and var cut)
            {
                names.Add(RequirementNames.Normalize(full[..cut]));
            }
        }

        return names;
    }
}
