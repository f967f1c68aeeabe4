using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem.Temporary;

/// <summary>What a path leads to in a temporary file system: a name in a folder, and what has that name.</summary>
internal readonly ref struct TemporaryPlace(TemporaryFolder folder, ReadOnlySpan<byte> name, TemporaryNode? node, bool hasSeparator)
{
    private const int MaxLinks = 40;
    private const int MaxNameLength = 255;
    private const byte Separator = (byte)'/';

    public TemporaryFolder Folder { get; } = folder;

    /// <summary>Empty when the path ends in dots: it means a folder then, whatever its name is.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>Null when nothing has the name.</summary>
    public TemporaryNode? Node { get; } = node;

    /// <summary>Whether a separator stands at the end: only a folder can be meant.</summary>
    public bool HasSeparator { get; } = hasSeparator;

    /// <summary>Walks along a path, and never above the folder in which it begins.</summary>
    /// <param name="follow">Follows a link at the end.</param>
    /// <param name="existing">Follows a link at the end when a separator stands behind it.</param>
    public static Errno Find(TemporaryFolder start, ReadOnlySpan<byte> path, bool follow, bool existing, out TemporaryPlace place)
    {
        place = default;
        var folder = start;
        var links = 0;
        while (TakeName(path, out var name, out var rest))
        {
            var isLast = rest.TrimStart(Separator).IsEmpty;
            path = rest;
            if (name is [(byte)'.'])
            {
                continue;
            }

            if (name is [(byte)'.', (byte)'.'])
            {
                if (folder == start)
                {
                    return Errno.EPERM;
                }

                folder = folder.Parent;
                continue;
            }

            if (name.Length > MaxNameLength)
            {
                return Errno.ENAMETOOLONG;
            }

            var node = folder.Find(name);
            if (isLast && !(node is TemporaryLink && (follow || (existing && !rest.IsEmpty))))
            {
                place = new(folder, name, node, hasSeparator: !rest.IsEmpty);
                return Errno.None;
            }

            switch (node)
            {
                case TemporaryFolder next:
                    folder = next;
                    break;
                case TemporaryLink link:
                    if (++links > MaxLinks)
                    {
                        return Errno.ELOOP;
                    }

                    if (link.Target.Length + rest.Length > GuestPath.MaxLength)
                    {
                        return Errno.ENAMETOOLONG;
                    }

                    path = (byte[])[.. link.Target, .. rest];
                    break;
                default:
                    return node is null ? Errno.ENOENT : Errno.ENOTDIR;
            }
        }

        place = new(folder, default, folder, hasSeparator: false);
        return Errno.None;
    }

    private static bool TakeName(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> rest)
    {
        path = path.TrimStart(Separator);
        var length = path.IndexOf(Separator) is var found and >= 0 ? found : path.Length;
        name = path[..length];
        rest = path[length..];
        return length > 0;
    }
}
