using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// Tells with few questions whether what was found at many paths can have changed: files that were read are looked at themselves, and of
/// all others the folders that they are in, or would be in, since nothing comes to a folder or leaves it without touching it.
/// </summary>
internal sealed class QuickCheck
{
    private readonly List<(string Path, FileFact Fact)> _files = [];
    private readonly Dictionary<string, Stamp> _folders = new(StringComparer.Ordinal);

    private QuickCheck()
    {
    }

    /// <summary>How many questions are asked.</summary>
    public int Count => _files.Count + _folders.Count;

    /// <summary>Remembers how things are now.</summary>
    /// <param name="before">Only what was last touched before, in nanoseconds since 1970: the clock of a file system is coarse.</param>
    /// <returns>Null when something was touched after that.</returns>
    public static QuickCheck? Make(IReadOnlyDictionary<string, FileFact> facts, GuestFiles files, ulong before)
    {
        var check = new QuickCheck();
        foreach (var (path, fact) in facts)
        {
            var folder = fact.Content is null ? FolderOf(path, files, check._folders) : "/";
            if (folder == "/")
            {
                // What is at the top is made of mounts, and a folder of mounts has no time of its own.
                check._files.Add((path, FileFact.Of(files, path)));
            }
            else if (!check.AddFolder(folder, files, before))
            {
                return null;
            }
        }

        return check._files.TrueForAll(file => file.Fact.ChangeTime < before) ? check : null;
    }

    public bool IsTrue(GuestFiles files) =>
        _files.TrueForAll(file => FileFact.Of(files, file.Path) == file.Fact)
        && _folders.All(folder => StampOf(files, folder.Key) == folder.Value);

    private static Stamp? StampOf(GuestFiles files, string path) =>
        files.Status(path, follow: true, out var status) == Errno.None && status.Kind == GuestFileKind.Folder
            ? new(status.Device, status.Inode, status.ModifyTime, status.ChangeTime)
            : null;

    /// <summary>The nearest folder above that is there.</summary>
    private static string FolderOf(string path, GuestFiles files, Dictionary<string, Stamp> known)
    {
        do
        {
            path = path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "/";
        }
        while (path != "/" && !known.ContainsKey(path) && StampOf(files, path) is null);
        return path;
    }

    private bool AddFolder(string path, GuestFiles files, ulong before)
    {
        if (_folders.ContainsKey(path))
        {
            return true;
        }

        if (StampOf(files, path) is not { } stamp)
        {
            return false;
        }

        _folders.Add(path, stamp);
        return stamp.ChangeTime < before;
    }

    private readonly record struct Stamp(ulong Device, ulong Inode, ulong ModifyTime, ulong ChangeTime);
}
