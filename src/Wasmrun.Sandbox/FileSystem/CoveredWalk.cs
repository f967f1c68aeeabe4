using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// One walk along a path in a folder of the host that has mounts below it, as <see cref="PathWalk"/> goes. At each name it sees whether that is a mount point's,
/// by its place or by what was opened: whoever comes to one, by whatever way, goes on in the mount.
/// </summary>
/// <param name="start">The folder the path begins in, which the walk never goes above.</param>
/// <param name="startNode">Its place in the tree, where it has one.</param>
/// <param name="folders">Space for the folders entered.</param>
/// <param name="places">Space for their places in the tree.</param>
/// <param name="text">Space for what is left of the path, of <see cref="PathText.Size"/>; it must not move.</param>
internal unsafe ref struct CoveredWalk(
    MountCover cover, int start, MountNode? startNode, Span<int> folders, Span<MountNode?> places, Span<byte> text)
{
    /// <summary>How often what changes while it is looked at is looked at again.</summary>
    public const int MaxAttempts = 32;

    private const byte Separator = (byte)'/';

    private readonly Span<MountNode?> _places = places;
    private FolderStack _folders = new(start, folders);
    private PathText _path = new(text);
    private LastName _last;
    private bool _wantsFolder;
    private bool _isNamed;

    private readonly int Current => _folders.Current;

    private readonly MountNode? CurrentNode => _folders.Depth == 0 ? startNode : _places[_folders.Depth - 1];

    /// <summary>Where the path leads to, when it was found.</summary>
    public CoveredPlace Place { get; private set; }

    /// <summary>Walks to the end of a path.</summary>
    public Errno Find(ReadOnlySpan<byte> path, LastName last)
    {
        _last = last;
        if (!_path.TryBegin(path))
        {
            return Errno.ENAMETOOLONG;
        }

        while (_path.TakeName(out var name, out var isLast, out var hasSeparator))
        {
            _isNamed = name is not ([(byte)'.'] or [(byte)'.', (byte)'.']);
            if (name is [(byte)'.'])
            {
                continue;
            }

            if (name is [(byte)'.', (byte)'.'])
            {
                if (!_folders.TryLeave())
                {
                    return Errno.EPERM;
                }

                continue;
            }

            var outcome = cover.Find(Current, CurrentNode, name) is { } node ? Pass(node, name, isLast, hasSeparator)
                : isLast && !_wantsFolder && !(hasSeparator && _last != LastName.Change) ? Finish(name, hasSeparator)
                : Enter(name, isLast, hasSeparator, null);
            if (outcome != Errno.None || Place.Directory is not null)
            {
                return outcome;
            }
        }

        return Here("."u8, _isNamed);
    }

    public void Dispose() => _folders.Dispose();

    /// <summary>A name that is a place in the tree.</summary>
    private Errno Pass(MountNode node, ReadOnlySpan<byte> name, bool isLast, bool hasSeparator)
    {
        if (node.IsMounted)
        {
            return Cross(node, hasSeparator);
        }

        // A folder on the way is made up where the mount has none.
        var outcome = Enter(name, isLast, hasSeparator, node);
        return outcome is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP or Errno.EPERM ? Elsewhere(node, _path.Rest, hasSeparator) : outcome;
    }

    /// <summary>Enters a folder, or follows a link.</summary>
    /// <param name="node">The folder's place, where its name has told it.</param>
    private Errno Enter(ReadOnlySpan<byte> name, bool isLast, bool hasSeparator, MountNode? node)
    {
        var outcome = _folders.Open(name, out var folder);
        if (outcome is Errno.ELOOP or Errno.ENOTDIR)
        {
            // Behind a link the tree is known no more.
            if (node is not null && (node.LeadsToMount(_path.Rest) || !LeadsToFolder(name)))
            {
                return Errno.ENOTDIR;
            }

            _wantsFolder |= isLast;
            return _path.FollowLink(Current, name, hasSeparator, outcome);
        }

        if (outcome != Errno.None)
        {
            return outcome;
        }

        outcome = HostTransfer.GetStatus(folder, out var status);
        var known = cover.Find(status);
        if (outcome != Errno.None || IsMountPoint(known))
        {
            _ = Libc.Close(folder);
            return outcome != Errno.None ? outcome : Cross(known!, hasSeparator);
        }

        outcome = _folders.Enter(folder);
        if (outcome == Errno.None)
        {
            _places[_folders.Depth - 1] = node ?? known;
        }

        return outcome;
    }

    /// <summary>Goes on in a mount, unless the path goes up again at once.</summary>
    private Errno Cross(MountNode node, bool hasSeparator)
    {
        var rest = _path.Rest;
        while (!node.IsFile && MountNode.TakeName(rest, out var name, out var left) && name is [(byte)'.'] or [(byte)'.', (byte)'.'])
        {
            if (name.Length == 2)
            {
                _path.GoOn(left);
                _isNamed = false;
                return Errno.None;
            }

            rest = left;
        }

        return Elsewhere(node, rest, hasSeparator);
    }

    /// <summary>The last name, which need not be there.</summary>
    private Errno Finish(ReadOnlySpan<byte> name, bool hasSeparator)
    {
        HostStatus found;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            fixed (byte* last = name)
            {
                if (Libc.Statx(Current, last, Libc.NoFollowLink, HostStatus.BasicMask, &found) != 0)
                {
                    return Libc.LastError is not Errno.ENOENT and var error ? error : Named(name, hasSeparator);
                }
            }

            var status = found.ToGuest();
            if (status.Type != FileType.SymbolicLink || _last != LastName.Follow)
            {
                return cover.Find(status) switch
                {
                    null => Named(name, hasSeparator),
                    var node when IsMountPoint(node) => Elsewhere(node, default, hasSeparator),

                    // The folder itself instead of its name: so it is neither moved nor removed.
                    _ => Enter(name, isLast: true, hasSeparator, null),
                };
            }

            // No link any more: it is looked at again.
            if (_path.FollowLink(Current, name, hasSeparator, Errno.EAGAIN) is not Errno.EAGAIN and var outcome)
            {
                return outcome;
            }
        }

        return Errno.EBUSY;
    }

    private Errno Named(ReadOnlySpan<byte> name, bool hasSeparator) =>
        Here(hasSeparator ? _path.WithSeparator(name) : name, isNamed: false);

    private Errno Here(ReadOnlySpan<byte> path, bool isNamed)
    {
        var node = CurrentNode;
        Place = new(new HostDirectory(cover.Mount, Current, node == cover.Root, Rights.All, Rights.All, FdFlags.None), path, Current, node, isNamed);
        return path.Length > GuestPath.MaxLength ? Errno.ENAMETOOLONG : Errno.None;
    }

    private Errno Elsewhere(MountNode node, ReadOnlySpan<byte> rest, bool hasSeparator)
    {
        var path = !node.IsFile ? rest.TrimStart(Separator) is { IsEmpty: false } left ? left : "."u8
            : rest.IsEmpty && hasSeparator ? "/"u8 : rest;
        var directory = node.Directory!.Locate(ref path);
        Place = new(directory, path);
        return path.Length > GuestPath.MaxLength ? Errno.ENAMETOOLONG : Errno.None;
    }

    private readonly bool IsMountPoint(MountNode? node) => node is { IsMounted: true } && node != cover.Root;

    /// <summary>Whether a name is a link to a folder of the mount.</summary>
    private readonly bool LeadsToFolder(ReadOnlySpan<byte> name)
    {
        fixed (byte* path = name)
        {
            if (cover.Mount.Resolver.Open(Current, path, HostOpenFlags.PathOnly | Libc.OnlyFolder, out var folder) != Errno.None)
            {
                return false;
            }

            _ = Libc.Close(folder);
            return true;
        }
    }
}
