namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>
/// Removes from the cache: packages that neither the runtimes of this version nor an installation need, installations that no project
/// has used for long, and what interrupted processes left unfinished. What a running process uses stays.
/// </summary>
/// <param name="all">Removes everything that no process uses.</param>
internal sealed class CachePruner(RuntimeOptions options, bool all)
{
    private static readonly TimeSpan _long = TimeSpan.FromDays(30);
    private static readonly TimeSpan _abandoned = TimeSpan.FromDays(1);

    private readonly PackageUses _uses = new(options.UsesFolder);
    private readonly List<string> _removed = [];
    private readonly List<string> _inUse = [];
    private long _bytes;

    public PruneReport Run()
    {
        var needed = RuntimeLock.All.Values.SelectMany(packages => packages).Select(PackageStore.KeyOf).ToHashSet(StringComparer.Ordinal);
        foreach (var package in Folders(options.PackageFolder))
        {
            var isUnfinished = package.Name.EndsWith(PackageStore.Unfinished, StringComparison.Ordinal);
            if (isUnfinished ? Age(package.LastWriteTimeUtc) > _abandoned : all || !needed.Contains(package.Name))
            {
                Remove(package);
            }
        }

        return new(_removed, _bytes, _inUse);
    }

    private TimeSpan Age(DateTime time) => options.Time.GetUtcNow() - new DateTimeOffset(time, TimeSpan.Zero);

    private void Remove(DirectoryInfo folder)
    {
        var bytes = FolderSize.Of(folder);
        var wasRemoved = _uses.TryRemove(folder.Name, () =>
        {
            // Renamed first, so that nobody ever finds a part of it under its name.
            var doomed = $"{folder.FullName}.{Guid.NewGuid():N}{PackageStore.Unfinished}";
            Directory.Move(folder.FullName, doomed);
            Directory.Delete(doomed, recursive: true);
        });
        (wasRemoved ? _removed : _inUse).Add(folder.Name);
        _bytes += wasRemoved ? bytes : 0;
    }

    private static List<DirectoryInfo> Folders(string parent) =>
        Directory.Exists(parent) ? new DirectoryInfo(parent).EnumerateDirectories().OrderBy(folder => folder.Name, StringComparer.Ordinal).ToList() : [];
}
