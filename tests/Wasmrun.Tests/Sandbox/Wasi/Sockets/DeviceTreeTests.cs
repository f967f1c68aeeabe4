using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>The tree <c>/net</c>: what is there, what opening it gives, and that looking at it changes nothing.</summary>
public sealed class DeviceTreeTests : IDisposable
{
    private readonly SocketGuests _guests = new();

    private WasiGuest Web => _guests.Web;

    private WasiGuest Api => _guests.Api;

    public void Dispose() => _guests.Dispose();

    [Fact]
    public void Net_IsAPreopenOfItsOwn()
    {
        Assert.Equal(WasiErrno.None, Web.Call("fd_prestat_get", SocketCalls.Net, WasiGuest.Result));
        Assert.Equal([0, 0, 0, 0, 4, 0, 0, 0], Web.Bytes(WasiGuest.Result, 8));
        Assert.Equal(WasiErrno.None, Web.Call("fd_prestat_dir_name", SocketCalls.Net, WasiGuest.Result, 4));
        Assert.Equal("/net", Web.Text(WasiGuest.Result, 4));
    }

    [Fact]
    public void Net_IsFoundFromTheRootButNotListedThere()
    {
        const int Root = SocketCalls.Net + 1;

        Assert.Equal(WasiErrno.None, Web.TryOpen(Root, "net/tcp/listen/8080", out var listener, rights: Rights.All));
        Assert.Equal(FileType.StreamSocket, Web.Status(listener).Type);
        Assert.DoesNotContain("net", Names(Web.List(Root)));
    }

    [Theory]
    [InlineData(".", "ctl", "datagram-pair", "dns", "hostname", "pair", "signals", "tcp", "tcp6", "udp", "udp6")]
    [InlineData("tcp", "connect", "listen", "new")]
    [InlineData("tcp6", "connect", "listen", "new")]
    [InlineData("udp", "bind", "connect", "new")]
    [InlineData("udp6", "bind", "connect", "new")]
    [InlineData("tcp/listen")]
    [InlineData("tcp/connect/web")]
    [InlineData("dns")]
    public void Folder_ListsWhatHasAnEnd(string path, params string[] names)
    {
        var folder = Web.Open(SocketCalls.Net, path, OpenFlags.Directory, Rights.Directory);

        Assert.Equal([".", "..", .. names], Names(Web.List(folder)));
    }

    [Fact]
    public void Folder_OfTheSocketsListsThoseThatAreOpen()
    {
        var folder = Web.Open(SocketCalls.Net, "ctl", OpenFlags.Directory, Rights.Directory);
        var before = Names(Web.List(folder));
        var socket = Web.OpenDevice("tcp/new");
        var inode = Web.Inode(socket);

        Assert.Equal([.. before, $"{inode}"], Names(Web.List(folder)));
        Assert.Equal(
            [".", "..", "accept", "control", "datagrams", "dup", "error", "local", "mate", "options", "peek", "peek-datagrams", "peer"],
            Names(Web.List(Web.Open(SocketCalls.Net, $"ctl/{inode}", OpenFlags.Directory, Rights.Directory))));

        Web.Close(socket);
        Assert.Equal(before, Names(Web.List(folder)));
        Assert.Equal(WasiErrno.ENOENT, Web.PathStatus(SocketCalls.Net, $"ctl/{inode}/local", out _));
    }

    [Fact]
    public void Folder_OfASocketIsEmptyHandedWhenTheSocketIsClosed()
    {
        var socket = Web.OpenDevice("tcp/new");
        var folder = Web.Open(SocketCalls.Net, $"ctl/{Web.Inode(socket)}", OpenFlags.Directory, Rights.Directory);
        Web.Close(socket);
        Web.OpenDevice("tcp/new");

        Assert.Equal(WasiErrno.ENOENT, Web.TryOpen(folder, "local", out _));
        Assert.Equal(WasiErrno.ENOENT, Web.TryOpen(folder, "dup", out _, rights: Rights.All));
    }

    [Theory]
    [InlineData("tcp", nameof(FileType.Directory))]
    [InlineData("tcp/./../tcp/listen", nameof(FileType.Directory))]
    [InlineData("tcp/new", nameof(FileType.CharacterDevice))]
    [InlineData("tcp/listen/8080", nameof(FileType.CharacterDevice))]
    [InlineData("tcp/listen/localhost/8080", nameof(FileType.CharacterDevice))]
    [InlineData("tcp/connect/web", nameof(FileType.Directory))]
    [InlineData("tcp/connect/web/8080", nameof(FileType.CharacterDevice))]
    [InlineData("udp/bind/53", nameof(FileType.CharacterDevice))]
    [InlineData("pair", nameof(FileType.CharacterDevice))]
    [InlineData("hostname", nameof(FileType.RegularFile))]
    [InlineData("dns/web", nameof(FileType.RegularFile))]
    public void Status_TellsWhatIsThereWithoutOpeningIt(string path, string type)
    {
        var sockets = _guests.WebNetwork.OpenSockets.Count();

        Assert.Equal(WasiErrno.None, Web.PathStatus(SocketCalls.Net, path, out var status));
        Assert.Equal(WasiErrno.None, Web.PathStatus(SocketCalls.Net, path, out var again));

        Assert.Equal(type, status.Type.ToString());
        Assert.Equal(status, again);
        Assert.Equal(sockets, _guests.WebNetwork.OpenSockets.Count());
        Assert.Equal(WasiErrno.EAGAIN, Web.TryAccept(Web.OpenDevice("tcp/listen/8080", nonBlocking: true), out _));
    }

    [Theory]
    [InlineData("nothing", nameof(WasiErrno.ENOENT))]
    [InlineData("tcp/nothing", nameof(WasiErrno.ENOENT))]
    [InlineData("tcp/new/more", nameof(WasiErrno.ENOTDIR))]
    [InlineData("tcp/new/", nameof(WasiErrno.ENOTDIR))]
    [InlineData("tcp/listen/65536", nameof(WasiErrno.ENOENT))]
    [InlineData("tcp/listen/web/port", nameof(WasiErrno.ENOENT))]
    [InlineData("tcp/connect/web/http", nameof(WasiErrno.ENOENT))]
    [InlineData("ctl/0", nameof(WasiErrno.ENOENT))]
    [InlineData("ctl/99999999999999999999999", nameof(WasiErrno.ENOENT))]
    [InlineData("..", nameof(WasiErrno.EPERM))]
    [InlineData("../etc", nameof(WasiErrno.EPERM))]
    [InlineData("tcp/../../net", nameof(WasiErrno.EPERM))]
    [InlineData("/net/tcp", nameof(WasiErrno.EPERM))]
    public void Path_ThatLeadsNowhereIsRefused(string path, string error)
    {
        Assert.Equal(error, Web.PathStatus(SocketCalls.Net, path, out _).ToString());
        Assert.Equal(error, Web.TryOpenDevice(path, out _).ToString());
    }

    [Theory]
    [InlineData("tcp/new", nameof(FileType.StreamSocket))]
    [InlineData("tcp6/new", nameof(FileType.StreamSocket))]
    [InlineData("udp/new", nameof(FileType.DatagramSocket))]
    [InlineData("udp6/new", nameof(FileType.DatagramSocket))]
    [InlineData("tcp/listen/0", nameof(FileType.StreamSocket))]
    [InlineData("tcp/listen/127.0.0.1/0", nameof(FileType.StreamSocket))]
    [InlineData("tcp6/listen/8080", nameof(FileType.StreamSocket))]
    [InlineData("tcp6/listen/::1/8080", nameof(FileType.StreamSocket))]
    [InlineData("pair", nameof(FileType.StreamSocket))]
    [InlineData("datagram-pair", nameof(FileType.DatagramSocket))]
    public void Device_GivesASocket(string path, string type) => Assert.Equal(type, Web.Status(Web.OpenDevice(path)).Type.ToString());

    [Theory]
    [InlineData("tcp/listen/8080", "0.0.0.0 8080\n")]
    [InlineData("tcp/listen/127.0.0.1/8080", "127.0.0.1 8080\n")]
    [InlineData("tcp/listen/localhost/8080", "127.0.0.1 8080\n")]
    [InlineData("tcp6/listen/8080", ":: 8080\n")]
    [InlineData("tcp6/listen/::1/8080", "::1 8080\n")]
    [InlineData("tcp/new", "0.0.0.0 0\n")]
    [InlineData("pair", "\n")]
    public void Device_IsBoundToWhatItsPathSays(string path, string local) => Assert.Equal(local, Web.Fact(Web.OpenDevice(path), "local"));

    [Fact]
    public void Device_PicksAFreePortForZero()
    {
        var first = Web.Fact(Web.OpenDevice("tcp/listen/0"), "local").Split(' ');
        var second = Web.Fact(Web.OpenDevice("tcp/listen/0"), "local").Split(' ');

        Assert.Equal("0.0.0.0", first[0]);
        Assert.NotEqual("0\n", first[1]);
        Assert.NotEqual(first[1], second[1]);
    }

    [Theory]
    [InlineData("tcp/connect/nobody/8080", nameof(WasiErrno.ENOENT))]
    [InlineData("tcp/connect/web/8081", nameof(WasiErrno.ECONNREFUSED))]
    [InlineData("tcp/connect/localhost/8080", nameof(WasiErrno.ECONNREFUSED))]
    [InlineData("tcp/connect/192.0.2.1/80", nameof(WasiErrno.EACCES))]
    [InlineData("tcp/listen/192.0.2.1/80", nameof(WasiErrno.EADDRNOTAVAIL))]
    [InlineData("tcp/listen/web/80", nameof(WasiErrno.EADDRNOTAVAIL))]
    [InlineData("tcp/listen/::1/80", nameof(WasiErrno.EAFNOSUPPORT))]
    public void Device_ThatCannotBeOpenedSaysWhy(string path, string error)
    {
        Web.OpenDevice("tcp/listen/8080");
        var sockets = _guests.WebNetwork.OpenSockets.Count();

        Assert.Equal(error, Api.TryOpenDevice(path, out _).ToString());

        Assert.Equal(sockets, _guests.WebNetwork.OpenSockets.Count());
    }

    [Fact]
    public void Device_OfATakenPortIsInUse()
    {
        Web.OpenDevice("tcp/listen/8080");

        Assert.Equal(WasiErrno.EADDRINUSE, Web.TryOpenDevice("tcp/listen/8080", out _));
        Api.OpenDevice("tcp/listen/8080");
    }

    [Fact]
    public void Device_IsOpenedAsAFileIs()
    {
        Assert.Equal(WasiErrno.ENOTDIR, Web.TryOpen(SocketCalls.Net, "tcp/new", out _, OpenFlags.Directory));
        Assert.Equal(WasiErrno.EEXIST, Web.TryOpen(SocketCalls.Net, "tcp/new", out _, OpenFlags.Create | OpenFlags.Exclusive));
        Assert.Equal(WasiErrno.None, Web.TryOpen(SocketCalls.Net, "tcp/new", out _, OpenFlags.Create | OpenFlags.Truncate, Rights.All));
        Assert.Equal(WasiErrno.EISDIR, Web.TryOpen(SocketCalls.Net, "tcp", out _, rights: Rights.Write));
        Assert.Equal(WasiErrno.EACCES, Web.TryOpen(SocketCalls.Net, "hostname", out _, rights: Rights.Write));
        Assert.Equal(WasiErrno.ENOENT, Web.TryOpen(SocketCalls.Net, "tcp/file", out _, OpenFlags.Create, Rights.Write));
    }

    [Fact]
    public void Tree_CannotBeChanged()
    {
        Assert.Equal(WasiErrno.EROFS, Web.OnPath("path_create_directory", SocketCalls.Net, "new"));
        Assert.Equal(WasiErrno.EEXIST, Web.OnPath("path_create_directory", SocketCalls.Net, "tcp"));
        Assert.Equal(WasiErrno.EROFS, Web.OnPath("path_remove_directory", SocketCalls.Net, "tcp"));
        Assert.Equal(WasiErrno.EROFS, Web.OnPath("path_unlink_file", SocketCalls.Net, "tcp/new"));
        Assert.Equal(WasiErrno.ENOENT, Web.OnPath("path_unlink_file", SocketCalls.Net, "nothing"));
        Assert.Equal(WasiErrno.EROFS, Web.Symlink("x", SocketCalls.Net, "link"));
        Assert.Equal(WasiErrno.EINVAL, Web.ReadLink(SocketCalls.Net, "tcp", 16, out _));
        Assert.Equal(WasiErrno.EROFS, Web.Rename(SocketCalls.Net, "tcp", SocketCalls.Net, "udp"));
        Assert.Equal(WasiErrno.EXDEV, Web.Rename(SocketCalls.Net, "tcp", SocketCalls.Net + 1, "tcp"));
        Assert.Equal(WasiErrno.EROFS, Web.SetPathTimes(SocketCalls.Net, "tcp", 0, 0, SetTimesFlags.AccessNow));
    }

    [Fact]
    public void Names_AreLookedUpByReading()
    {
        Assert.Equal($"{_guests.WebAddress}\n", FirstLine(Api.ReadFile(SocketCalls.Net, "dns/web")));
        Assert.Equal($"{_guests.ApiAddress}\n", FirstLine(Web.ReadFile(SocketCalls.Net, "dns/backend")));
        Assert.Equal("127.0.0.1\n::1\n", Web.ReadFile(SocketCalls.Net, "dns/localhost"));
        Assert.Equal("192.0.2.1\n", Web.ReadFile(SocketCalls.Net, "dns/192.0.2.1"));
        Assert.Equal("web\n", Web.ReadFile(SocketCalls.Net, "hostname"));
        Assert.Equal(WasiErrno.ENOENT, Web.TryOpen(SocketCalls.Net, "dns/nobody", out _));
    }

    [Fact]
    public void Text_IsReadLikeAFile()
    {
        var fd = Web.Open(SocketCalls.Net, "hostname", rights: Rights.Read | Rights.Seek | Rights.Tell);

        Assert.Equal(4UL, Web.Status(fd).Size);
        Assert.Equal(FileType.RegularFile, Web.Status(fd).Type);
        Assert.Equal("we", Web.Read(fd, 2));
        Assert.Equal("b\n", Web.Read(fd));
        Assert.Equal("", Web.Read(fd));
        Assert.Equal(WasiErrno.None, Web.Seek(fd, -3, Whence.End, out var position));
        Assert.Equal(1, position);
        Assert.Equal("eb\n", Web.Read(fd));
        Assert.Equal(WasiErrno.EINVAL, Web.Seek(fd, -1, Whence.Set, out _));
        Assert.Equal(WasiErrno.None, Web.Seek(fd, 100, Whence.Set, out _));
        Assert.Equal("", Web.Read(fd));
        Assert.Equal(WasiErrno.EINVAL, Web.Seek(fd, long.MinValue, Whence.Current, out _));
    }

    private static string FirstLine(string text) => text[..(text.IndexOf('\n', StringComparison.Ordinal) + 1)];

    private static IEnumerable<string> Names(IEnumerable<ListedEntry> entries) => entries.Select(entry => entry.Name);
}
