using System.Text.Json;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// Tells with few questions whether what was found at many paths can have changed: files that were read are looked at themselves, and of
/// all others the folders that they are in, or would be in, since nothing comes to a folder or leaves it without touching it. Files are asked for
/// folder by folder, which spares the system most of the way to each.
/// </summary>
internal sealed class QuickCheck
{
    private readonly Dictionary<string, FolderCheck> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileFact> _paths = new(StringComparer.Ordinal);

    private QuickCheck()
    {
    }

    private QuickCheck(KeptCheck kept)
    {
        _folders = kept.Folders;
        _paths = kept.Paths;
    }

    /// <summary>How many questions are asked.</summary>
    public int Count => _paths.Count + _folders.Sum(folder => folder.Value.Count);

    /// <summary>Remembers how things are now.</summary>
    /// <param name="before">Only what was last touched before, in nanoseconds since 1970: the clock of a file system is coarse.</param>
    /// <returns>Null when something was touched after that.</returns>
    public static QuickCheck? Make(IReadOnlyDictionary<string, FileFact> facts, GuestFiles files, ulong before)
    {
        var check = new QuickCheck();
        foreach (var (path, fact) in facts)
        {
            check.Add(path, isRead: fact.Content is not null, files);
        }

        return check._paths.All(path => path.Value.ChangeTime < before)
            && check._folders.All(folder => folder.Value.Files.All(file => file.Value.ChangeTime < before) && (folder.Value.Stamp?.ChangeTime ?? 0) < before)
                ? check
                : null;
    }

    /// <summary>The check that was kept for these facts, null when there is none.</summary>
    public static QuickCheck? Read(string path, FileFacts facts)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), NodeJson.Default.KeptCheck) is { } kept && kept.Facts == facts.Checksum ? new(kept) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(string path, FileFacts facts) => ImageFile.Keep(
        path, file => JsonSerializer.Serialize(file, new KeptCheck(facts.Checksum, _folders, _paths), NodeJson.Default.KeptCheck));

    public bool IsTrue(GuestFiles files) =>
        _folders.All(folder => IsTrue(files, folder.Key, folder.Value))
        && _paths.All(path => FileFact.Of(files, path.Key) == path.Value);

    private static bool IsTrue(GuestFiles files, string path, FolderCheck expected)
    {
        if (files.OpenFolder(path, out var opened) != Errno.None)
        {
            return false;
        }

        using var folder = opened!;
        return (expected.Stamp is not { } stamp || StampOf(folder) == stamp)
            && expected.Files.All(file => Look(folder, file.Key) == file.Value);
    }

    private static FileFact Look(GuestFolder folder, string name) => FileFact.Of(folder.Status(name, out var status), status);

    private static FolderStamp? StampOf(GuestFolder folder) => folder.Status(out var status) == Errno.None
        ? new(status.Device, status.Inode, status.ModifyTime, status.ChangeTime)
        : null;

    private void Add(string path, bool isRead, GuestFiles files)
    {
        var place = path;
        GuestFolder? folder;
        do
        {
            // The nearest folder above that is there.
            place = place.LastIndexOf('/') is var slash and > 0 ? place[..slash] : "/";
            folder = null;
        }
        while (place != "/" && !_folders.ContainsKey(place) && files.OpenFolder(place, out folder) != Errno.None);
        if (place == "/")
        {
            // What is at the top is made of mounts, and a folder of mounts has no time of its own.
            _paths[path] = FileFact.Of(files, path);
            return;
        }

        if (folder is null && files.OpenFolder(place, out folder) != Errno.None)
        {
            _paths[path] = FileFact.Of(files, path);
            return;
        }

        using (folder)
        {
            Add(path, isRead, place, folder!, files);
        }
    }

    private void Add(string path, bool isRead, string place, GuestFolder folder, GuestFiles files)
    {
        var check = _folders.GetValueOrDefault(place) ?? new(null, new(StringComparer.Ordinal));
        if (!isRead)
        {
            check = check with { Stamp = check.Stamp ?? StampOf(folder) };
        }
        else if (Look(folder, path[(place.Length + 1)..]) is var found && found == FileFact.Of(files, path))
        {
            check.Files[path[(place.Length + 1)..]] = found;
        }
        else
        {
            // A link may lead out of the folder.
            _paths[path] = FileFact.Of(files, path);
        }

        if (check.Count > 0)
        {
            _folders[place] = check;
        }
    }
}
