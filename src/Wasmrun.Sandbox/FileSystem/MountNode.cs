using System.Text;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// One place in the tree of an instance's mounts: something mounted, or a name on the way to it. The tree is made at the
/// instance's start and never changes.
/// </summary>
internal sealed class MountNode(MountNode? parent, string name, ulong inode)
{
    private readonly List<MountNode> _children = [];

    /// <summary>The folder above; null for the root.</summary>
    public MountNode? Parent { get; } = parent;

    /// <summary>The name in the folder above, in UTF-8; empty for the root.</summary>
    public byte[] Name { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>The inode number of this place as long as nothing is mounted on it.</summary>
    public ulong Inode { get; } = inode;

    public IReadOnlyList<MountNode> Children => _children;

    /// <summary>What a guest finds here. The tree closes it.</summary>
    public DirectoryDescriptor? Directory { get; set; }

    /// <summary>Whether something is mounted here, and not only further down.</summary>
    public bool IsMounted { get; set; }

    /// <summary>Whether a listing of the folder above shows it.</summary>
    public bool IsListed { get; set; } = true;

    /// <summary>Whether what is mounted here is a single file.</summary>
    public bool IsFile => Directory is FileMountDirectory;

    public MountNode? Find(ReadOnlySpan<byte> name)
    {
        foreach (var child in _children)
        {
            if (name.SequenceEqual(child.Name))
            {
                return child;
            }
        }

        return null;
    }

    public MountNode Add(string childName, ulong childInode)
    {
        var child = new MountNode(this, childName, childInode);
        _children.Add(child);
        return child;
    }
}
