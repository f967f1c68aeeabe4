using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem.Temporary;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Sandbox.Wasi.Devices;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// All mounts of an instance in one tree, whose root is always there. Every mounted folder is handed to the guest as a
/// preopen, and so is the root; a path from the root on finds its way into the mounts below.
/// </summary>
/// <param name="memoryBytes">How much memory the guest may have.</param>
internal sealed class MountTree(IPathResolver resolver, StopSignal stop, TimeProvider time, long memoryBytes = long.MaxValue) : IDisposable
{
    private readonly HostOpener _host = new(resolver, stop);
    private readonly List<MountNode> _nodes = [new(null, "", 1)];
    private readonly List<MountNode> _mounted = [];
    private readonly List<MountCover> _covers = [];
    private readonly List<TemporaryFileSystem> _temporary = [];

    /// <summary>What the files of all temporary file systems take in memory.</summary>
    public long TemporaryBytes => _temporary.Sum(system => system.UsedBytes);

    private MountNode Root => _nodes[0];

    /// <summary>Mounts what a service declares.</summary>
    /// <exception cref="IOException">It cannot be mounted; the message says what and why.</exception>
    public void Add(GuestMount mount) => Add(mount.GuestPath, mount switch
    {
        GuestMount.Host declared => _host.Open(declared),
        GuestMount.Temporary declared => OpenTemporary(declared),
        GuestMount.Text declared => OpenText(declared.Content.Span),
        GuestMount.Functions declared => OpenFunctions(declared),
        _ => throw new ArgumentOutOfRangeException(nameof(mount)),
    }, listed: true);

    /// <summary>Mounts a folder of any kind, which the tree closes at its end.</summary>
    /// <param name="listed">False for one that is only found by its name, so that who walks through all files stays out of it.</param>
    /// <exception cref="IOException">Nothing can be mounted there; the message says why.</exception>
    public void Add(string guestPath, DirectoryDescriptor directory, bool listed)
    {
        var node = Root;
        string? problem = null;
        foreach (var name in guestPath.Split('/').Where(name => name is not ("" or ".")))
        {
            problem ??= node.IsFile ? "it lies below a mounted file" : name is ".." ? "it leads upwards" : null;
            node = node.Find(Encoding.UTF8.GetBytes(name)) ?? Grow(node, name);
        }

        problem ??= !guestPath.StartsWith('/') ? "it is not absolute" : node.IsMounted ? "something is mounted there already"
            : directory is FileMountDirectory && node.Children.Count > 0 ? "another mount lies below it" : null;
        if (problem is not null)
        {
            directory.Dispose();
            throw new IOException($"cannot mount at {guestPath}: {problem}");
        }

        node.Directory = directory;
        node.IsMounted = true;
        node.IsListed = listed;
        _mounted.Add(node);
    }

    /// <summary>
    /// Opens the folders that the guest has from the start, in the order of their mounts; the root comes last unless it is
    /// itself a mount. To be called once, when everything is mounted.
    /// </summary>
    public IEnumerable<DirectoryDescriptor> OpenPreopens()
    {
        var made = (ulong)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        foreach (var node in _nodes.Where(node => !node.IsMounted || node.Children.Count > 0))
        {
            if (node.Directory is HostDirectory folder)
            {
                var cover = new MountCover(folder, node, made);
                _covers.Add(cover);
                node.Directory = new CoveredDirectory(cover, folder, node);
            }

            node.Directory = new MountPointDirectory(node, node.Directory, made, Rights.All, Rights.All, FdFlags.None);
        }

        foreach (var node in _mounted.Where(node => node != Root))
        {
            node.Directory!.IsMountPoint = true;
        }

        foreach (var node in Root.IsMounted ? _mounted : [.. _mounted, Root])
        {
            if (!node.IsFile)
            {
                yield return Open(node);
            }
        }
    }

    public void Dispose()
    {
        foreach (var cover in _covers)
        {
            cover.Dispose();
        }

        foreach (var node in _nodes)
        {
            node.Directory?.Dispose();
        }
    }

    private static DirectoryDescriptor Open(MountNode node)
    {
        var request = new OpenRequest(Follow: false, OpenFlags.Directory, Rights.Directory, Rights.All, FdFlags.None);
        if (node.Directory!.Open("."u8, request, out var opened) is var error and not Errno.None)
        {
            throw new IOException($"cannot open the mount at {PathOf(node)}: {error}");
        }

        var preopen = (DirectoryDescriptor)opened!;
        preopen.PreopenPath = Encoding.UTF8.GetBytes(PathOf(node));
        return preopen;
    }

    private static string PathOf(MountNode node)
    {
        var path = "";
        for (var at = node; at.Parent is not null; at = at.Parent)
        {
            path = $"/{Encoding.UTF8.GetString(at.Name)}{path}";
        }

        return path.Length == 0 ? "/" : path;
    }

    private TemporaryDirectory OpenTemporary(GuestMount.Temporary declared)
    {
        var system = new TemporaryFileSystem(declared.MaxBytes, stop, time);
        _temporary.Add(system);
        return system.OpenRoot();
    }

    private FileMountDirectory OpenText(ReadOnlySpan<byte> content)
    {
        const string Name = "text";
        return new(new TemporaryFileSystem(content.Length + TemporaryFile.PieceSize, stop, time).OpenReadOnlyRoot(Encoding.UTF8.GetBytes(Name), content), Name, readOnly: true);
    }

    private DeviceDirectory OpenFunctions(GuestMount.Functions declared)
    {
        var folder = new FixedFolder(null, declared.GuestPath);
        foreach (var (name, function) in declared.ByName)
        {
            folder.Add(new DeviceFile(folder, name, FileType.CharacterDevice, (in request, out opened) =>
            {
                opened = new FunctionDescriptor(function, memoryBytes, stop, request.Rights, request.Flags);
                return Errno.None;
            }));
        }

        return new(folder, Rights.All, Rights.All, FdFlags.None);
    }

    private MountNode Grow(MountNode parent, string name)
    {
        var node = parent.Add(name, (ulong)_nodes.Count + 1);
        _nodes.Add(node);
        return node;
    }
}
