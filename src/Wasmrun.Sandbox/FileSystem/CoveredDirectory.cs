using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// An open folder of the host, in a mount that has other mounts somewhere below. Each path is walked to one name in an open folder, or into one of those mounts,
/// and used there: what the host has at a mount point is reached by no path, and is neither moved nor removed, nor are the folders on the way to it.
/// </summary>
/// <param name="folder">The folder itself, which is closed with this one.</param>
/// <param name="node">Its place in the tree, where it has one.</param>
internal sealed unsafe class CoveredDirectory(MountCover cover, HostDirectory folder, MountNode? node)
    : DirectoryDescriptor(folder.Rights, folder.Inheriting, folder.Flags)
{
    private delegate Errno PlaceCall<in T>(CoveredPlace place, T argument)
        where T : allows ref struct;

    /// <summary>The folder without an eye on the mounts; only for what names it lists.</summary>
    public HostDirectory Folder => folder;

    public override int Backing => folder.Backing;

    public override Errno Sync(bool dataOnly) => folder.Sync(dataOnly);

    public override Errno GetStatus(out FileStatus status) => folder.GetStatus(out status);

    public override Errno SetTimes(in FileTimes times) => folder.SetTimes(times);

    public override Errno ReadEntries(ulong cookie, ref DirectoryEntrySink sink) => folder.ReadEntries(cookie, ref sink);

    [SkipLocalsInit]
    public override Errno Open(ReadOnlySpan<byte> path, in OpenRequest request, out Descriptor? opened)
    {
        Span<byte> text = stackalloc byte[PathText.Size];
        Span<int> folders = stackalloc int[FolderStack.MaxDepth];
        var places = default(WalkedPlaces);
        var onlyNew = request.OnlyNew;
        var asFolder = request.CreatesAsFolder(path);
        var last = asFolder ? LastName.Change : Last(request.Follow && !onlyNew);
        opened = null;
        for (var attempt = 0; attempt < CoveredWalk.MaxAttempts; attempt++)
        {
            using var walk = new CoveredWalk(cover, folder.Handle, node, folders, places, text);
            var outcome = walk.Find(path, last);
            if (outcome != Errno.None)
            {
                return outcome;
            }

            if (walk.Place.Folder < 0)
            {
                return walk.Place.Directory.Open(walk.Place.Path, request, out opened);
            }

            outcome = asFolder ? Errno.EISDIR : OpenHere(walk.Place, request, onlyNew, out opened);
            if (outcome != Errno.EAGAIN)
            {
                return outcome;
            }
        }

        return Errno.EBUSY;
    }

    [SkipLocalsInit]
    public override Errno GetPathStatus(ReadOnlySpan<byte> path, bool follow, out FileStatus status)
    {
        Span<byte> text = stackalloc byte[PathText.Size];
        Span<int> folders = stackalloc int[FolderStack.MaxDepth];
        var places = default(WalkedPlaces);
        using var walk = new CoveredWalk(cover, folder.Handle, node, folders, places, text);
        status = default;
        var outcome = walk.Find(path, Last(follow));
        return outcome == Errno.None ? walk.Place.Directory.GetPathStatus(walk.Place.Path, follow && walk.Place.Folder < 0, out status) : outcome;
    }

    [SkipLocalsInit]
    public override Errno ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, out int count)
    {
        Span<byte> text = stackalloc byte[PathText.Size];
        Span<int> folders = stackalloc int[FolderStack.MaxDepth];
        var places = default(WalkedPlaces);
        using var walk = new CoveredWalk(cover, folder.Handle, node, folders, places, text);
        count = 0;
        var outcome = walk.Find(path, LastName.Look);
        return outcome == Errno.None ? walk.Place.Directory.ReadLink(walk.Place.Path, buffer, out count) : outcome;
    }

    public override Errno SetPathTimes(ReadOnlySpan<byte> path, bool follow, in FileTimes times) =>
        At(path, Last(follow), (times, follow), static (place, wanted) => place.Directory.SetPathTimes(place.Path, wanted.follow && place.Folder < 0, wanted.times));

    public override Errno CreateDirectory(ReadOnlySpan<byte> path) =>
        At(path, LastName.Change, 0, static (place, _) => place.Directory.CreateDirectory(place.Path));

    public override Errno RemoveBelow(ReadOnlySpan<byte> path) =>
        At(path, LastName.Change, 0, static (place, _) => place.Directory.RemoveDirectory(place.Path) switch
        {
            // What a dot answers. The folder leads to a mount, and stays.
            Errno.EINVAL when place.IsNamed => Errno.EBUSY,
            var outcome => outcome,
        });

    public override Errno Unlink(ReadOnlySpan<byte> path) =>
        At(path, LastName.Change, 0, static (place, _) => place.Directory.Unlink(place.Path));

    public override Errno Symlink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path) =>
        At(path, LastName.Change, target, static (place, text) => place.Directory.Symlink(text, place.Path));

    public override Errno Link(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        At(path, LastName.Look, new Other(target, targetPath), static (place, to) => place.Directory.Link(place.Path, to.Directory, to.Path));

    public override Errno RenameBelow(ReadOnlySpan<byte> path, DirectoryDescriptor target, ReadOnlySpan<byte> targetPath) =>
        At(path, LastName.Change, new Other(target, targetPath), static (place, to) => place.Directory.Rename(place.Path, to.Directory, to.Path));

    /// <summary>Gives a file of another folder a name below this one.</summary>
    public Errno LinkHere(DirectoryDescriptor source, ReadOnlySpan<byte> path, ReadOnlySpan<byte> targetPath) =>
        At(targetPath, LastName.Change, new Other(source, path), static (place, from) => from.Directory.Link(from.Path, place.Directory, place.Path));

    /// <summary>Moves what is in another folder below this one.</summary>
    public Errno RenameHere(DirectoryDescriptor source, ReadOnlySpan<byte> path, ReadOnlySpan<byte> targetPath) =>
        At(targetPath, LastName.Change, new Other(source, path), static (place, from) => from.Directory.Rename(from.Path, place.Directory, place.Path));

    protected override void Close() => folder.Dispose();

    private static LastName Last(bool follow) => follow ? LastName.Follow : LastName.Look;

    [SkipLocalsInit]
    private Errno At<T>(ReadOnlySpan<byte> path, LastName last, T argument, PlaceCall<T> call)
        where T : allows ref struct
    {
        Span<byte> text = stackalloc byte[PathText.Size];
        Span<int> folders = stackalloc int[FolderStack.MaxDepth];
        var places = default(WalkedPlaces);
        using var walk = new CoveredWalk(cover, folder.Handle, node, folders, places, text);
        var outcome = walk.Find(path, last);
        return outcome == Errno.None ? call(walk.Place, argument) : outcome;
    }

    /// <summary>Opens one name of an open folder. What was opened is looked at before it is cut off or handed out.</summary>
    /// <returns>EAGAIN when the name has changed since it was looked at.</returns>
    private Errno OpenHere(CoveredPlace place, in OpenRequest request, bool onlyNew, out Descriptor? opened)
    {
        opened = null;
        var here = (HostDirectory)place.Directory;
        fixed (byte* name = (byte[])[.. place.Path, 0])
        {
            var found = Libc.OpenAt(place.Folder, name, HostOpenFlags.PathOnly | HostOpenFlags.CloseOnExec | Libc.NoFollow, 0);
            if (found < 0)
            {
                var error = Libc.LastError;
                if (error != Errno.ENOENT || !request.Creates || request.WantsDirectory)
                {
                    return error;
                }

                if (cover.Mount.ReadOnly)
                {
                    return Errno.EROFS;
                }

                error = here.CreateNew(name, request, out opened);
                return error == Errno.EEXIST && !onlyNew ? Errno.EAGAIN : error;
            }

            var outcome = OpenFound(found, place, request, onlyNew, out opened);
            _ = Libc.Close(found);
            return outcome;
        }
    }

    private Errno OpenFound(int found, CoveredPlace place, in OpenRequest request, bool onlyNew, out Descriptor? opened)
    {
        opened = null;
        var error = HostTransfer.GetStatus(found, out var status);
        var known = place.Path is [(byte)'.'] ? place.Node : cover.Find(status);
        var refusal = error != Errno.None ? error
            : known is { IsMounted: true } && known != cover.Root ? Errno.EAGAIN
            : onlyNew ? Errno.EEXIST
            : status.Type == FileType.SymbolicLink && request.Follow && !onlyNew ? Errno.EAGAIN
            : cover.Mount.ReadOnly && request.Changes ? Errno.EROFS
            : request.WantsDirectory && status.Type != FileType.Directory ? Errno.ENOTDIR
            : ((HostDirectory)place.Directory).OpenFound(found, request, out opened);
        if (opened is HostDirectory inner)
        {
            var covered = new CoveredDirectory(cover, inner, known);
            opened = known is null ? covered : new MountPointDirectory(known, covered, cover.Made, request.Rights, request.Inheriting, request.Flags);
        }

        return refusal;
    }

    /// <summary>The other folder and path of a call that has two.</summary>
    private readonly ref struct Other(DirectoryDescriptor directory, ReadOnlySpan<byte> path)
    {
        public DirectoryDescriptor Directory { get; } = directory;

        public ReadOnlySpan<byte> Path { get; } = path;
    }
}
