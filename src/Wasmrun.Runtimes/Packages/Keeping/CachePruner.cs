using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Node.Installing;
using Wasmrun.Runtimes.Python;

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
        foreach (var tree in Folders(options.ModuleFolder))
        {
            var isUnfinished = tree.Name.EndsWith(PackageStore.Unfinished, StringComparison.Ordinal);
            var lastUse = _uses.LastUse(tree.Name) ?? new(tree.LastWriteTimeUtc, TimeSpan.Zero);
            var isKept = isUnfinished ? Age(lastUse) <= _abandoned : !all && Age(lastUse) <= _long;
            if (isKept || !Remove(tree))
            {
                needed.UnionWith(PackagesOf(tree));
            }
        }

        foreach (var package in Folders(options.PackageFolder))
        {
            var isUnfinished = package.Name.EndsWith(PackageStore.Unfinished, StringComparison.Ordinal);
            if (isUnfinished ? Age(new(package.LastWriteTimeUtc, TimeSpan.Zero)) > _abandoned : all || !needed.Contains(package.Name))
            {
                Remove(package);
            }
        }

        RemoveInterpreters();
        RemoveFiles(options.StrippedFolder);
        RemoveFiles(options.ImageFolder);
        RemoveFiles(options.PythonImageFolder);
        foreach (var project in Folders(options.ByteCodeFolder).Where(folder => all || Age(new(folder.LastWriteTimeUtc, TimeSpan.Zero)) > _long))
        {
            Empty(project);
        }

        return new(_removed, _bytes, _inUse);
    }

    /// <summary>What the packages of interpreters have become, for other versions than this; whoever uses a package may use that too.</summary>
    private void RemoveInterpreters()
    {
        var python = PackageStore.KeyOf(RuntimeLock.Python);
        foreach (var library in Folders(options.LibraryFolder).Where(folder => IsRemoved(folder, [python])))
        {
            var bytes = FolderSize.Of(library);
            _bytes += _uses.TryRemove(library.Name, () => RemoveWhole(library)) ? bytes : 0;
        }

        var interpreters = Directory.Exists(options.InterpreterFolder) ? new DirectoryInfo(options.InterpreterFolder).GetFiles() : [];
        string[] current = [.. PythonModule.FileNames(python), EngineModule.FileName(PackageStore.KeyOf(RuntimeLock.QuickJs))];
        foreach (var part in interpreters.Where(file => IsRemoved(file, current)))
        {
            var bytes = part.Length;
            _bytes += _uses.TryRemove(PythonModule.PackageOf(part.Name), part.Delete) ? bytes : 0;
        }
    }

    private bool IsRemoved(FileSystemInfo entry, string[] current) => entry.Name.EndsWith(PackageStore.Unfinished, StringComparison.Ordinal)
        ? Age(new(entry.LastWriteTimeUtc, TimeSpan.Zero)) > _abandoned
        : all || !current.Contains(entry.Name, StringComparer.Ordinal);

    /// <summary>What a running stack still wants of these, it makes again.</summary>
    private void RemoveFiles(string folder)
    {
        var old = Directory.Exists(folder)
            ? new DirectoryInfo(folder).GetFiles().Where(file => all || Age(new(file.LastWriteTimeUtc, TimeSpan.Zero)) > _long)
            : [];
        foreach (var file in old)
        {
            _bytes += file.Length;
            file.Delete();
        }
    }

    /// <summary>The folder itself stays: instances may have it among their files, and fill it again.</summary>
    private void Empty(DirectoryInfo folder)
    {
        _bytes += FolderSize.Of(folder);
        foreach (var file in folder.GetFiles())
        {
            file.Delete();
        }

        foreach (var inner in folder.GetDirectories())
        {
            inner.Delete(recursive: true);
        }
    }

    private TimeSpan Age(DateTimeOffset time) => options.Time.GetUtcNow() - time;

    private bool Remove(DirectoryInfo folder)
    {
        var bytes = FolderSize.Of(folder);
        var wasRemoved = _uses.TryRemove(folder.Name, () => RemoveWhole(folder));
        (wasRemoved ? _removed : _inUse).Add(folder.Name);
        _bytes += wasRemoved ? bytes : 0;
        return wasRemoved;
    }

    /// <summary>Renamed first, so that nobody ever finds a part of it under its name.</summary>
    private static void RemoveWhole(DirectoryInfo folder)
    {
        var doomed = $"{folder.FullName}.{Guid.NewGuid():N}{PackageStore.Unfinished}";
        Directory.Move(folder.FullName, doomed);
        Directory.Delete(doomed, recursive: true);
    }

    private static string[] PackagesOf(DirectoryInfo tree)
    {
        var list = Path.Combine(tree.FullName, ModuleTree.ListName);
        return File.Exists(list) ? File.ReadAllLines(list) : [];
    }

    private static List<DirectoryInfo> Folders(string parent) =>
        Directory.Exists(parent) ? new DirectoryInfo(parent).EnumerateDirectories().OrderBy(folder => folder.Name, StringComparer.Ordinal).ToList() : [];
}
