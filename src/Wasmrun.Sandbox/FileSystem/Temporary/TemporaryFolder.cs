using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem.Temporary;

/// <summary>A folder of a temporary file system: its entries by name, and in the order in which they are listed.</summary>
internal sealed class TemporaryFolder : TemporaryNode
{
    /// <summary>The cookies of the two dots, before those of the entries.</summary>
    private const ulong SelfCookie = 1;
    private const ulong ParentCookie = 2;

    /// <summary>How many entries there may be room for, however few there are.</summary>
    private const int MostSlack = 16;

    private readonly Dictionary<byte[], TemporaryEntry> _byName = new(NameComparer.Instance);
    private readonly List<TemporaryEntry> _listed = [];
    private ulong _lastCookie = ParentCookie;

    public TemporaryFolder(TemporaryFileSystem owner, TemporaryFolder? parent)
        : base(owner, FileType.Directory) => Parent = parent ?? this;

    /// <summary>The folder above; the root's is itself.</summary>
    public TemporaryFolder Parent { get; private set; }

    public override ulong Size => 0;

    public bool IsEmpty => _listed.Count == 0;

    /// <summary>Whether it was removed while it was open: nothing can be made in it any more.</summary>
    public bool IsRemoved { get; private set; }

    public TemporaryNode? Find(ReadOnlySpan<byte> name) =>
        _byName.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var entry) ? entry.Node : null;

    /// <summary>Whether this folder is the other one, or lies somewhere below it.</summary>
    public bool IsWithin(TemporaryFolder other)
    {
        var folder = this;
        while (folder != other && folder.Parent != folder)
        {
            folder = folder.Parent;
        }

        return folder == other;
    }

    /// <summary>Gives a node a name that is free here.</summary>
    public void Add(ReadOnlySpan<byte> name, TemporaryNode node)
    {
        var entry = new TemporaryEntry(name.ToArray(), node, ++_lastCookie);
        _byName.Add(entry.Name, entry);
        _listed.Add(entry);
        if (node is TemporaryFolder folder)
        {
            folder.Parent = this;
            folder.IsRemoved = false;
        }

        node.AddName();
        Touch();
    }

    /// <summary>Takes a name away, without which the node may be gone.</summary>
    public void Remove(ReadOnlySpan<byte> name)
    {
        if (!_byName.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(name, out _, out var entry))
        {
            return;
        }

        _listed.RemoveAt(IndexBehind(entry.Cookie - 1));
        if (_listed.Capacity > MostSlack + (4 * _listed.Count))
        {
            // Room that nothing is charged for any more.
            _listed.TrimExcess();
            _byName.TrimExcess();
        }

        if (entry.Node is TemporaryFolder folder)
        {
            folder.IsRemoved = true;
        }

        entry.Node.RemoveName();
        Touch();
    }

    public void List(ulong cookie, ref DirectoryEntrySink sink)
    {
        if (cookie < SelfCookie && !sink.Add(SelfCookie, Inode, FileType.Directory, "."u8))
        {
            return;
        }

        if (cookie < ParentCookie && !sink.Add(ParentCookie, Parent.Inode, FileType.Directory, ".."u8))
        {
            return;
        }

        for (var index = IndexBehind(cookie); index < _listed.Count; index++)
        {
            var entry = _listed[index];
            if (!sink.Add(entry.Cookie, entry.Node.Inode, entry.Node.Type, entry.Name))
            {
                return;
            }
        }
    }

    protected override void ReleaseIfUnused()
    {
        // A folder holds nothing but its names, and only an empty one is removed.
    }

    /// <summary>The first entry whose cookie is larger.</summary>
    private int IndexBehind(ulong cookie)
    {
        var (low, high) = (0, _listed.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _listed[middle].Cookie > cookie ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
