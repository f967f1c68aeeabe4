namespace Wasmrun.Reconciliation.Watching;

/// <summary>
/// Listens to a folder with all below it, or, for a file and for what does not exist yet, to the nearest folder that does. A
/// listener that failed, or whose folder was replaced, is made anew at the next <see cref="Refresh"/>.
/// </summary>
internal sealed class SystemFileWatch(string path, Action<string?> changed) : IFileWatch
{
    private const int BufferBytes = 64 * 1024;

    private FileSystemWatcher? _watcher;
    private (string Folder, DateTime Born) _watched;
    private volatile bool _failed;

    public void Refresh()
    {
        var folder = NearestFolder();
        var found = (folder, Directory.GetCreationTimeUtc(folder));
        if (_watcher is not null && !_failed && found == _watched)
        {
            return;
        }

        _watcher?.Dispose();
        _watcher = null;
        _failed = false;
        try
        {
            _watcher = Listen(folder);
            _watched = found;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The folder has just gone, or the system has no more to give: whoever watches looks now and then all the same.
            _failed = true;
        }
    }

    public void Dispose() => _watcher?.Dispose();

    private FileSystemWatcher Listen(string folder)
    {
        var watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = string.Equals(folder, path, StringComparison.Ordinal),
            InternalBufferSize = BufferBytes,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
        };
        watcher.Changed += (_, happened) => changed(happened.FullPath);
        watcher.Created += (_, happened) => changed(happened.FullPath);
        watcher.Deleted += (_, happened) => changed(happened.FullPath);
        watcher.Renamed += (_, happened) => changed(happened.FullPath);
        watcher.Error += (_, _) =>
        {
            _failed = true;
            changed(null);
        };
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private string NearestFolder()
    {
        var folder = path;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
        {
            folder = parent;
        }

        return folder;
    }
}
