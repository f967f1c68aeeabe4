using System.Text;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// One place in the tree of an instance's mounts: something mounted, or a name on the way to it. The tree is made at the
/// instance's start and never changes.
/// </summary>
internal sealed class MountNode(MountNode? parent, string name, ulong inode)
{
    private const byte Separator = (byte)'/';

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

    /// <summary>Takes the next name off a path, and the separators before it.</summary>
    public static bool TakeName(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> rest)
    {
        var trimmed = path.TrimStart(Separator);
        var length = trimmed.IndexOf(Separator);
        name = length < 0 ? trimmed : trimmed[..length];
        rest = length < 0 ? default : trimmed[length..];
        return !name.IsEmpty;
    }

    /// <summary>Follows a path's names as far down the tree as they lead, and never above this place.</summary>
    /// <param name="path">What is left behind them.</param>
    public MountNode Descend(ref ReadOnlySpan<byte> path)
    {
        var at = this;
        while (!at.IsFile && TakeName(path, out var name, out var rest))
        {
            var reached = name switch
            {
                [(byte)'.'] => at,
                [(byte)'.', (byte)'.'] => at == this ? null : at.Parent,
                _ => at.Find(name),
            };
            if (reached is null)
            {
                break;
            }

            at = reached;
            path = rest;
        }

        return at;
    }

    /// <summary>Whether a path's names lead into a mount below.</summary>
    public bool LeadsToMount(ReadOnlySpan<byte> path)
    {
        var at = Descend(ref path);
        while (at != this && !at.IsMounted)
        {
            at = at.Parent!;
        }

        return at != this;
    }

    public MountNode Add(string childName, ulong childInode)
    {
        var child = new MountNode(this, childName, childInode);
        _children.Add(child);
        return child;
    }
}
