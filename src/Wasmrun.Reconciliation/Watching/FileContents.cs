using System.Security.Cryptography;

namespace Wasmrun.Reconciliation.Watching;

/// <summary>
/// What the files of a rule held at one moment, by hash. Two of them tell what changed in between, however it was written: in place,
/// beside and renamed over, or as a folder that changed its name.
/// </summary>
internal sealed class FileContents
{
    private readonly Dictionary<string, Stamp> _files;

    private FileContents(Dictionary<string, Stamp> files) => _files = files;

    /// <summary>Looks at everything; reads again what its date, its size or a hint says may be new.</summary>
    /// <param name="doubted">Paths that were written to, as the system says; null for any.</param>
    public static FileContents Take(WatchRule rule, FileContents? former, IReadOnlySet<string>? doubted)
    {
        var scan = new Scan(former?._files, doubted);
        if (Directory.Exists(rule.Path))
        {
            scan.Folder(new DirectoryInfo(rule.Path), IgnoreRules.For(rule));
        }
        else
        {
            scan.File(new FileInfo(rule.Path));
        }

        return new(scan.Found);
    }

    /// <summary>Paths that were added, removed or hold something else than before, sorted.</summary>
    public IReadOnlyList<string> DifferencesTo(FileContents former) =>
    [
        .. _files.Where(file => !former._files.TryGetValue(file.Key, out var before) || !string.Equals(before.Hash, file.Value.Hash, StringComparison.Ordinal))
            .Select(file => file.Key)
            .Concat(former._files.Keys.Where(path => !_files.ContainsKey(path)))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The same, but of these paths what <paramref name="former"/> knew, so that their change is still to be noticed.</summary>
    public FileContents Except(IEnumerable<string> paths, FileContents former)
    {
        var files = new Dictionary<string, Stamp>(_files, StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (former._files.TryGetValue(path, out var before))
            {
                files[path] = before;
            }
            else
            {
                files.Remove(path);
            }
        }

        return new(files);
    }

    private readonly record struct Stamp(long Length, long Written, string Hash);

    private sealed class Scan(Dictionary<string, Stamp>? former, IReadOnlySet<string>? doubted)
    {
        public Dictionary<string, Stamp> Found { get; } = new(StringComparer.Ordinal);

        public void Folder(DirectoryInfo folder, IgnoreRules rules)
        {
            rules.Enter(folder.FullName);
            try
            {
                foreach (var entry in folder.EnumerateFileSystemInfos())
                {
                    if (entry is DirectoryInfo below)
                    {
                        // A link may lead out of the folder, or in a circle.
                        if (below.LinkTarget is null && !rules.IsIgnored(below.FullName, isFolder: true))
                        {
                            Folder(below, rules);
                        }
                    }
                    else if (!rules.IsIgnored(entry.FullName, isFolder: false))
                    {
                        File((FileInfo)entry);
                    }
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // Removed meanwhile, which the next look sees; or closed to us.
            }
        }

        public void File(FileInfo file)
        {
            try
            {
                if (!file.Exists)
                {
                    return;
                }

                var isLink = file.LinkTarget is not null;
                var (length, written) = (file.Length, file.LastWriteTimeUtc.Ticks);
                var isKnown = former is not null && former.TryGetValue(file.FullName, out var before) && before.Length == length && before.Written == written;
                Found[file.FullName] = isKnown && !isLink && doubted is not null && !doubted.Contains(file.FullName)
                    ? former![file.FullName]
                    : new(length, written, Hash(file));
            }
            catch (FileNotFoundException)
            {
                // Removed meanwhile.
            }
            catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
            {
                Found[file.FullName] = new(0, 0, string.Empty);
            }
        }

        private static string Hash(FileInfo file)
        {
            using var content = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Convert.ToHexStringLower(SHA256.HashData(content));
        }
    }
}
