using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem.Temporary;

/// <summary>An open folder of a temporary file system. It answers as a folder of the host on Linux does.</summary>
internal sealed class TemporaryDirectory(TemporaryFolder folder, Rights rights, Rights inheriting, FdFlags flags)
    : DirectoryDescriptor(rights, inheriting, flags)
{
    private TemporaryFolder Folder => folder;

    private TemporaryFileSystem Owner => folder.Owner;

    public override Errno Sync(bool dataOnly) => Errno.None;

    public override Errno GetStatus(out FileStatus status)
    {
        status = folder.Status;
        return Errno.None;
    }

    public override Errno SetTimes(in FileTimes times)
    {
        folder.SetTimes(times);
        return Errno.None;
    }

    public override Errno Open(ReadOnlySpan<byte> path, in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        var onlyNew = request.OnlyNew;
        var asFolder = request.CreatesAsFolder(path);
        if (TemporaryPlace.Find(folder, path, request.Follow && !onlyNew && !asFolder, existing: !asFolder, out var place) is var error and not Errno.None)
        {
            return error;
        }

        var refusal = place.Node switch
        {
            _ when asFolder && place.HasSeparator => Errno.EISDIR,
            null when !request.Creates => Errno.ENOENT,
            null => Make(place, new TemporaryFile(Owner)),
            not null when onlyNew => Errno.EEXIST,
            TemporaryFolder => request.Rights.HasFlag(Rights.Write) || request.Creates || request.Truncates ? Errno.EISDIR : Errno.None,
            _ when place.HasSeparator || request.WantsDirectory => Errno.ENOTDIR,
            TemporaryLink => Errno.ELOOP,
            _ => Errno.None,
        };
        if (refusal != Errno.None)
        {
            return refusal;
        }

        opened = AsDescriptor(place.Node ?? place.Folder.Find(place.Name)!, request);
        return Errno.None;
    }

    public override Errno GetPathStatus(ReadOnlySpan<byte> path, bool follow, out FileStatus status)
    {
        var outcome = FindExisting(path, follow, out var node);
        status = node?.Status ?? default;
        return outcome;
    }

    public override Errno SetPathTimes(ReadOnlySpan<byte> path, bool follow, in FileTimes times)
    {
        var outcome = FindExisting(path, follow, out var node);
        node?.SetTimes(times);
        return outcome;
    }

    public override Errno CreateDirectory(ReadOnlySpan<byte> path) =>
        TemporaryPlace.Find(folder, path, follow: false, existing: false, out var place) is var error and not Errno.None ? error
        : place.Node is not null ? Errno.EEXIST
        : Make(place, new TemporaryFolder(Owner, place.Folder));

    public override Errno RemoveBelow(ReadOnlySpan<byte> path)
    {
        if (TemporaryPlace.Find(folder, path, follow: false, existing: false, out var place) is var error and not Errno.None)
        {
            return error;
        }

        var refusal = place.Node switch
        {
            null => Errno.ENOENT,
            _ when place.Name.IsEmpty => Errno.EINVAL,
            TemporaryFolder { IsEmpty: true } => Errno.None,
            TemporaryFolder => Errno.ENOTEMPTY,
            _ => Errno.ENOTDIR,
        };
        return refusal == Errno.None ? Take(place) : refusal;
    }

    public override Errno Unlink(ReadOnlySpan<byte> path)
    {
        if (TemporaryPlace.Find(folder, path, follow: false, existing: false, out var place) is var error and not Errno.None)
        {
            return error;
        }

        var refusal = place.Node switch
        {
            null => Errno.ENOENT,
            TemporaryFolder => Errno.EISDIR,
            _ when place.HasSeparator => Errno.ENOTDIR,
            _ => Errno.None,
        };
        return refusal == Errno.None ? Take(place) : refusal;
    }

    public override Errno Symlink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path)
    {
        if (TemporaryPlace.Find(folder, path, follow: false, existing: false, out var place) is var error and not Errno.None)
        {
            return error;
        }

        if (place.Node is not null || place.HasSeparator)
        {
            return place.Node is null ? Errno.ENOENT : Errno.EEXIST;
        }

        if (!Owner.TryTakeBytes(target.Length))
        {
            return Errno.ENOSPC;
        }

        var outcome = Make(place, new TemporaryLink(Owner, target.ToArray()));
        if (outcome != Errno.None)
        {
            Owner.GiveBytes(target.Length);
        }

        return outcome;
    }

    public override Errno ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, out int count)
    {
        count = 0;
        if (FindExisting(path, follow: false, out var node) is var error and not Errno.None)
        {
            return error;
        }

        if (node is not TemporaryLink link)
        {
            return Errno.EINVAL;
        }

        count = Math.Min(buffer.Length, link.Target.Length);
        link.Target[..count].CopyTo(buffer);
        return Errno.None;
    }

    public override Errno Link(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath)
    {
        if (target.Actual is CoveredDirectory covered)
        {
            return covered.LinkHere(this, path, targetPath);
        }

        if (target.Actual is not TemporaryDirectory other || other.Owner != Owner)
        {
            return Errno.EXDEV;
        }

        if (FindExisting(path, follow: false, out var node) is var error and not Errno.None)
        {
            return error;
        }

        return TemporaryPlace.Find(other.Folder, targetPath, follow: false, existing: false, out var place) is var refused and not Errno.None ? refused
            : place.Node is not null ? Errno.EEXIST
            : place.HasSeparator ? Errno.ENOENT
            : node is TemporaryFolder ? Errno.EPERM
            : Make(place, node!);
    }

    public override Errno RenameBelow(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath)
    {
        if (target.Actual is CoveredDirectory covered)
        {
            return covered.RenameHere(this, path, targetPath);
        }

        if (target.Actual is not TemporaryDirectory other || other.Owner != Owner)
        {
            return Errno.EXDEV;
        }

        if (TemporaryPlace.Find(folder, path, follow: false, existing: false, out var from) is var error and not Errno.None)
        {
            return error;
        }

        if (TemporaryPlace.Find(other.Folder, targetPath, follow: false, existing: false, out var to) is var refused and not Errno.None)
        {
            return refused;
        }

        if (RefuseRename(from, to) is var refusal and not Errno.None)
        {
            return refusal;
        }

        if (from.Node != to.Node)
        {
            // The name that is taken away leaves room for the new one; the node itself must not be released in between.
            from.Node!.AddName();
            if (to.Node is not null)
            {
                _ = Take(to);
            }

            _ = Take(from);
            _ = Make(to, from.Node);
            from.Node.RemoveName();
        }

        return Errno.None;
    }

    public override Errno ReadEntries(ulong cookie, ref DirectoryEntrySink sink)
    {
        if (!folder.IsRemoved)
        {
            folder.List(cookie, ref sink);
        }

        return Errno.None;
    }

    private static Errno RefuseRename(TemporaryPlace from, TemporaryPlace to)
    {
        if (from.Name.IsEmpty || to.Name.IsEmpty)
        {
            return Errno.EBUSY;
        }

        if (from.Node is null)
        {
            return Errno.ENOENT;
        }

        return (from.Node, to.Node) switch
        {
            _ when to.Folder.IsRemoved => Errno.ENOENT,
            (TemporaryFolder moved, _) when to.Folder.IsWithin(moved) => Errno.EINVAL,
            (TemporaryFolder moved, TemporaryFolder replaced) => moved == replaced || replaced.IsEmpty ? Errno.None : Errno.ENOTEMPTY,
            (TemporaryFolder, null) => Errno.None,
            (TemporaryFolder, _) => Errno.ENOTDIR,
            _ when from.HasSeparator || to.HasSeparator => Errno.ENOTDIR,
            (_, TemporaryFolder around) when from.Folder.IsWithin(around) => Errno.ENOTEMPTY,
            (_, TemporaryFolder) => Errno.EISDIR,
            _ => Errno.None,
        };
    }

    /// <summary>Gives a node a name at a place where there is none.</summary>
    private Errno Make(TemporaryPlace place, TemporaryNode node)
    {
        if (place.Folder.IsRemoved)
        {
            return Errno.ENOENT;
        }

        if (!Owner.TryTakeName())
        {
            return Errno.ENOSPC;
        }

        place.Folder.Add(place.Name, node);
        return Errno.None;
    }

    private Errno Take(TemporaryPlace place)
    {
        place.Folder.Remove(place.Name);
        Owner.GiveName();
        return Errno.None;
    }

    private Errno FindExisting(ReadOnlySpan<byte> path, bool follow, out TemporaryNode? node)
    {
        var outcome = TemporaryPlace.Find(folder, path, follow, existing: true, out var place);
        node = place.Node;
        return outcome != Errno.None ? outcome
            : node is null ? Errno.ENOENT
            : place.HasSeparator && node is not TemporaryFolder ? Errno.ENOTDIR
            : Errno.None;
    }

    private static Descriptor AsDescriptor(TemporaryNode node, in OpenRequest request) => node switch
    {
        TemporaryFolder found => new TemporaryDirectory(found, request.Rights, request.Inheriting, request.Flags),
        TemporaryFile found => Truncated(found, request),
        _ => throw new InvalidOperationException("a link is not opened"),
    };

    private static TemporaryFileDescriptor Truncated(TemporaryFile file, in OpenRequest request)
    {
        if (request.Truncates)
        {
            _ = file.SetSize(0);
        }

        return new(file, request.Rights, request.Inheriting, request.Flags);
    }
}
