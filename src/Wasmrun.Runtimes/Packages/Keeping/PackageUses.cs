namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>
/// Remembers when something in the cache was last used, and keeps what running processes use from being removed: each holds a shared
/// lock on the mark of whatever it uses until it ends.
/// </summary>
internal sealed class PackageUses(string folder)
{
    private static readonly Dictionary<string, FileStream> _held = new(StringComparer.Ordinal);

    /// <summary>Marks something as used now, and until this process ends.</summary>
    public void Mark(string key, TimeProvider time)
    {
        var path = PathOf(key);
        lock (_held)
        {
            if (!_held.ContainsKey(path))
            {
                PrivateFolder.Make(folder);
                _held[path] = Open(path, FileMode.OpenOrCreate, FileShare.ReadWrite | FileShare.Delete);
            }

            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
    }

    /// <summary>When it was last marked; null when it never was.</summary>
    public DateTimeOffset? LastUse(string key) => File.Exists(PathOf(key)) ? new(File.GetLastWriteTimeUtc(PathOf(key)), TimeSpan.Zero) : null;

    /// <summary>Removes something with its mark, unless a process uses it.</summary>
    /// <returns>False when one does.</returns>
    public bool TryRemove(string key, Action remove)
    {
        var path = PathOf(key);
        try
        {
            PrivateFolder.Make(folder);
            using var alone = Open(path, FileMode.OpenOrCreate, FileShare.None);
            remove();
            File.Delete(path);
            return true;
        }
        catch (IOException e) when (e.HResult is WouldBlockOnLinux or WouldBlockElsewhere or SharingViolation)
        {
            return false;
        }
    }

    private string PathOf(string key) => Path.Combine(folder, key);

    private static FileStream Open(string path, FileMode mode, FileShare share) => new(path, mode, FileAccess.ReadWrite, share, bufferSize: 0);

    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockElsewhere = 35;
    private const int SharingViolation = unchecked((int)0x80070020);
}
