using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox;

/// <summary>
/// The file system of a driven guest, for its driver: absolute paths through the guest's mounts, and descriptors out of the
/// table that all of the instance's descriptors are counted in. On the instance's own thread only.
/// </summary>
public sealed unsafe class GuestFiles
{
    private const int ListingBytes = 16384;

    /// <summary>Of all entries of one folder, each counted with its header: the host holds them for a guest.</summary>
    private const int MostListedBytes = 16 << 20;

    private const int EntryHeader = 24;

    private readonly DescriptorTable _descriptors;
    private readonly DirectoryDescriptor _root;

    internal GuestFiles(DescriptorTable descriptors, uint firstPreopen = 3)
    {
        _descriptors = descriptors;
        _root = FindRoot(descriptors, firstPreopen);
    }

    private delegate Errno PathCall<in T>(DirectoryDescriptor directory, ReadOnlySpan<byte> name, T argument);

    private delegate Errno TwoPathCall(DirectoryDescriptor directory, ReadOnlySpan<byte> name, DirectoryDescriptor target, ReadOnlySpan<byte> targetName);

    /// <summary>How many descriptors the guest has open, those that it was given included.</summary>
    public int OpenDescriptors => _descriptors.Count;

    /// <summary>Opens or makes a file or folder.</summary>
    public Errno Open(string path, GuestFileModes modes, out int descriptor)
    {
        descriptor = -1;
        var error = Locate(path, out var directory, out var name);
        if (error != Errno.None || !_descriptors.HasRoom)
        {
            return error != Errno.None ? error : Errno.EMFILE;
        }

        var open = Chosen(modes, GuestFileModes.Create, OpenFlags.Create) | Chosen(modes, GuestFileModes.Exclusive, OpenFlags.Exclusive)
            | Chosen(modes, GuestFileModes.Truncate, OpenFlags.Truncate) | Chosen(modes, GuestFileModes.Directory, OpenFlags.Directory);
        var isDirectory = modes.HasFlag(GuestFileModes.Directory);
        var rights = isDirectory ? Rights.Directory : Rights.File
            & ~(modes.HasFlag(GuestFileModes.Read) ? Rights.None : Rights.Read)
            & ~(modes.HasFlag(GuestFileModes.Write) ? Rights.None : Rights.Write | Rights.Allocate | Rights.SetSize);
        var flags = modes.HasFlag(GuestFileModes.Append) ? FdFlags.Append : FdFlags.None;
        error = directory.Open(name, new(Follow: true, open, rights, Rights.All, flags), out var opened);
        if (error == Errno.None)
        {
            _ = _descriptors.Add(opened!, out var number);
            descriptor = (int)number;
        }

        return error;
    }

    public Errno Close(int descriptor) => _descriptors.Close((uint)descriptor) == WasiErrno.None ? Errno.None : Errno.EBADF;

    /// <summary>Reads at a position, or where the last call has ended when it is negative. Zero bytes are the end.</summary>
    public Errno Read(int descriptor, Span<byte> buffer, long position, out int count)
    {
        count = 0;
        if (_descriptors.Get((uint)descriptor, Rights.Read, out var file) != WasiErrno.None)
        {
            return Errno.EBADF;
        }

        fixed (byte* start = buffer)
        {
            var vector = new IoVector((nint)start, (nuint)buffer.Length);
            var error = position < 0 ? file.Read(new(in vector), out var read) : file.ReadAt(new(in vector), (ulong)position, out read);
            count = (int)read;
            return error;
        }
    }

    /// <summary>Writes at a position, or where the last call has ended when it is negative.</summary>
    public Errno Write(int descriptor, ReadOnlySpan<byte> bytes, long position, out int count)
    {
        count = 0;
        if (_descriptors.Get((uint)descriptor, Rights.Write, out var file) != WasiErrno.None)
        {
            return Errno.EBADF;
        }

        fixed (byte* start = bytes)
        {
            var vector = new IoVector((nint)start, (nuint)bytes.Length);
            var error = position < 0 ? file.Write(new(in vector), out var written) : file.WriteAt(new(in vector), (ulong)position, out written);
            count = (int)written;
            return error;
        }
    }

    public Errno Sync(int descriptor) =>
        _descriptors.Get((uint)descriptor, Rights.None, out var file) == WasiErrno.None ? file.Sync(dataOnly: false) : Errno.EBADF;

    public Errno SetSize(int descriptor, long size) =>
        _descriptors.Get((uint)descriptor, Rights.SetSize, out var file) == WasiErrno.None ? file.SetSize((ulong)size) : Errno.EBADF;

    public Errno Status(int descriptor, out GuestFileStatus status)
    {
        status = default;
        if (_descriptors.Get((uint)descriptor, Rights.None, out var file) != WasiErrno.None)
        {
            return Errno.EBADF;
        }

        var error = file.GetStatus(out var found);
        status = Public(found);
        return error;
    }

    /// <summary>Looks at what a path names.</summary>
    /// <param name="follow">Whether a symbolic link at its end is followed.</param>
    public Errno Status(string path, bool follow, out GuestFileStatus status)
    {
        status = default;
        var error = Locate(path, out var directory, out var name);
        if (error == Errno.None && (error = directory.GetPathStatus(name, follow, out var found)) == Errno.None)
        {
            status = Public(found);
        }

        return error;
    }

    /// <summary>Sets both times, in nanoseconds since 1970.</summary>
    public Errno SetTimes(string path, bool follow, ulong access, ulong modify) =>
        With(path, (Access: access, Modify: modify, Follow: follow), static (directory, name, times) =>
            directory.SetPathTimes(name, times.Follow, new(SetTimesFlags.Access | SetTimesFlags.Modify, times.Access, times.Modify)));

    /// <summary>Whether what a mount shows is still what lies at its place on the host. On Linux only; elsewhere nobody knows.</summary>
    public bool Shows(GuestMount.Host mount)
    {
        ArgumentNullException.ThrowIfNull(mount);
        return OperatingSystem.IsLinux()
            && HostOpener.TryGetStatus(mount.HostPath, out var place)
            && Status(mount.GuestPath, follow: true, out var shown) == Errno.None
            && (place.Device, place.Inode) == (shown.Device, shown.Inode);
    }

    public Errno CreateFolder(string path) => With(path, 0, static (directory, name, _) => directory.CreateDirectory(name));

    public Errno RemoveFolder(string path) => With(path, 0, static (directory, name, _) => directory.RemoveDirectory(name));

    public Errno Unlink(string path) => With(path, 0, static (directory, name, _) => directory.Unlink(name));

    public Errno Symlink(string target, string path)
    {
        ArgumentNullException.ThrowIfNull(target);
        var text = Encoding.UTF8.GetBytes(target);
        var error = text.Length == 0 ? Errno.ENOENT : Check(text);
        return error == Errno.None ? With(path, text, static (directory, name, text) => directory.Symlink(text, name)) : error;
    }

    public Errno Rename(string from, string to) => WithTwo(from, to, (directory, name, target, targetName) => directory.Rename(name, target, targetName));

    public Errno Link(string from, string to) => WithTwo(from, to, (directory, name, target, targetName) => directory.Link(name, target, targetName));

    public Errno ReadLink(string path, out string target)
    {
        target = string.Empty;
        var error = Locate(path, out var directory, out var name);
        if (error != Errno.None)
        {
            return error;
        }

        var buffer = new byte[GuestPath.MaxLength];
        error = directory.ReadLink(name, buffer, out var count);
        target = Encoding.UTF8.GetString(buffer, 0, count);
        return error;
    }

    /// <summary>The entries of a folder, without itself and its parent; ENOMEM when there are more than the host holds for a guest.</summary>
    public Errno List(string path, out IReadOnlyList<GuestFolderEntry> entries) => List(path, stop: null, out entries);

    /// <summary>The same, for a guest that waits.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public Errno List(string path, StopSignal? stop, out IReadOnlyList<GuestFolderEntry> entries)
    {
        var found = new List<GuestFolderEntry>();
        entries = found;
        var error = OpenDirectory(path, out var opened);
        if (error != Errno.None)
        {
            return error;
        }

        using var folder = opened!;
        var buffer = new byte[ListingBytes];
        var cookie = 0UL;
        var total = 0;
        while (true)
        {
            stop?.ThrowIfRequested();
            var sink = new DirectoryEntrySink(buffer);
            error = folder.ReadEntries(cookie, ref sink);
            if (error != Errno.None || sink.Used == 0)
            {
                return error;
            }

            if ((total += sink.Used) > MostListedBytes)
            {
                return Errno.ENOMEM;
            }

            var next = Decode(buffer.AsSpan(0, sink.Used), found, cookie);
            if (sink.Used < buffer.Length || next == cookie)
            {
                return Errno.None;
            }

            cookie = next;
        }
    }

    /// <summary>Opens a folder to look at several things in it. It is none of the guest's descriptors.</summary>
    public Errno OpenFolder(string path, out GuestFolder? folder)
    {
        var error = OpenDirectory(path, out var opened);
        folder = opened is null ? null : new(opened);
        return error;
    }

    internal static GuestFileStatus Public(FileStatus status) => new(
        Kind(status.Type), status.Device, status.Inode, status.Links, status.Size, status.AccessTime, status.ModifyTime, status.ChangeTime);

    private static DirectoryDescriptor FindRoot(DescriptorTable descriptors, uint firstPreopen)
    {
        for (var number = firstPreopen; descriptors.Get(number, Rights.None, out var descriptor) == WasiErrno.None; number++)
        {
            if (descriptor is DirectoryDescriptor { PreopenPath: [(byte)'/'] } root)
            {
                return root;
            }
        }

        throw new InvalidOperationException("a guest has no root");
    }

    private static OpenFlags Chosen(GuestFileModes modes, GuestFileModes wanted, OpenFlags flag) =>
        modes.HasFlag(wanted) ? flag : OpenFlags.None;

    private static GuestFileKind Kind(FileType type) => type switch
    {
        FileType.RegularFile => GuestFileKind.File,
        FileType.Directory => GuestFileKind.Folder,
        FileType.SymbolicLink => GuestFileKind.Link,
        _ => GuestFileKind.Other,
    };

    /// <summary>What a guest of the system interface is told of such a path when it gives one.</summary>
    private static Errno Check(ReadOnlySpan<byte> path) => path.Length > GuestPath.MaxLength ? Errno.ENAMETOOLONG
        : path.Contains((byte)0) ? Errno.EINVAL
        : Utf8.IsValid(path) ? Errno.None : Errno.EILSEQ;

    private static ulong Decode(ReadOnlySpan<byte> listing, List<GuestFolderEntry> entries, ulong cookie)
    {
        while (listing.Length > EntryHeader)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(listing[16..]);
            if (listing.Length < EntryHeader + length)
            {
                break;
            }

            var name = Encoding.UTF8.GetString(listing.Slice(EntryHeader, length));
            if (name is not ("." or ".."))
            {
                entries.Add(new(name, Kind((FileType)listing[20])));
            }

            cookie = BinaryPrimitives.ReadUInt64LittleEndian(listing);
            listing = listing[(EntryHeader + length)..];
        }

        return cookie;
    }

    private Errno OpenDirectory(string path, out DirectoryDescriptor? directory)
    {
        Descriptor? opened = null;
        var error = Locate(path, out var parent, out var name);
        if (error == Errno.None)
        {
            error = parent.Open(name, new(Follow: true, OpenFlags.Directory, Rights.Directory, Rights.All, FdFlags.None), out opened);
        }

        directory = (DirectoryDescriptor?)opened;
        return error;
    }

    private Errno With<T>(string path, T argument, PathCall<T> call)
    {
        var error = Locate(path, out var directory, out var name);
        return error == Errno.None ? call(directory, name, argument) : error;
    }

    private Errno WithTwo(string from, string to, TwoPathCall call)
    {
        var error = Locate(from, out var directory, out var name);
        if (error != Errno.None)
        {
            return error;
        }

        error = Locate(to, out var target, out var targetName);
        return error == Errno.None ? call(directory, name, target, targetName) : error;
    }

    /// <summary>Goes to the mount that an absolute path leads into.</summary>
    private Errno Locate(string path, out DirectoryDescriptor directory, out ReadOnlySpan<byte> name)
    {
        directory = _root;
        var relative = path.AsSpan().TrimStart('/');
        var bytes = new byte[Encoding.UTF8.GetByteCount(relative)];
        Encoding.UTF8.GetBytes(relative, bytes);
        name = bytes.Length == 0 ? "."u8 : bytes;
        var error = path.Length == 0 ? Errno.ENOENT : Check(name);
        directory = error == Errno.None ? directory.Locate(ref name) : directory;
        return error;
    }
}
