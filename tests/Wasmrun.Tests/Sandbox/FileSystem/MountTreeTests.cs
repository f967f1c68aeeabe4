using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>Which folders a guest has from its start, and how paths from the root find their way into them.</summary>
public sealed class MountTreeTests : IDisposable
{
    private readonly TemporaryFolder _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Preopens_ComeInTheirOrderFromThreeOn()
    {
        using var guest = new WasiGuest(Host("/b"), new GuestMount.Temporary("/a/deep", 65536), Host("/c/"));
        Assert.Equal(["/b", "/a/deep", "/c"], Preopens(guest).Take(3));
        Assert.Contains("/", Preopens(guest));
    }

    [Fact]
    public void Root_IsAlwaysThere()
    {
        using var guest = new WasiGuest();
        Assert.Contains("/", Preopens(guest));
        using var mounted = new WasiGuest(Host("/"), Host("/data"));
        Assert.Equal("/", Preopens(mounted)[0]);
        Assert.Single(Preopens(mounted), path => path == "/");
    }

    [Fact]
    public void PreopenName_NeedsRoomForItself()
    {
        using var guest = new WasiGuest(Host("/data"));
        var place = guest.Put("........"u8);
        Assert.Equal(WasiErrno.None, guest.Call("fd_prestat_get", 3, place));
        Assert.Equal([0, 0, 0, 0, 5, 0, 0, 0], guest.Bytes(place, 8));
        var name = guest.Put("........"u8);
        Assert.Equal(WasiErrno.ENAMETOOLONG, guest.Call("fd_prestat_dir_name", 3, name, 4));
        Assert.Equal(WasiErrno.None, guest.Call("fd_prestat_dir_name", 3, name, 8));
        Assert.Equal("/data...", guest.Text(name, 8));
        Assert.Equal(WasiErrno.EBADF, guest.Call("fd_prestat_get", 0, place));
        var opened = guest.OpenFolder(3, ".");
        Assert.Equal(WasiErrno.EBADF, guest.Call("fd_prestat_get", opened, place));
    }

    [Theory]
    [InlineData("data/file")]
    [InlineData("./data//file")]
    [InlineData("data/../data/file")]
    [InlineData("var/../data/./file")]
    [InlineData("data/folder/../file")]
    public void Root_LeadsIntoTheMountsBelow(string path)
    {
        using var guest = new WasiGuest(Host("/data"), new GuestMount.Temporary("/var/cache", 65536));
        guest.WriteFile(3, "file", "in data");
        Assert.Equal(WasiErrno.None, guest.OnPath("path_create_directory", 3, "folder"));
        var root = RootOf(guest);
        Assert.Equal("in data", guest.ReadFile(root, path));
        guest.WriteFile(root, "var/cache/made", "in cache");
        Assert.Equal("in cache", guest.ReadFile(4, "made"));
        Assert.Equal("in data", File.ReadAllText(_host.Sub("data", "file")));
    }

    [Fact]
    public void Root_ShowsTheMountsAndNothingElse()
    {
        using var guest = new WasiGuest(Host("/data"), new GuestMount.Temporary("/var/cache", 65536), HostFile("/etc/app.json", "{}"));
        var root = RootOf(guest);
        Assert.Equal([".", "..", "data", "etc", "var"], Names(guest, root));
        Assert.Equal([".", "..", "cache"], Names(guest, guest.OpenFolder(root, "var")));
        Assert.Equal([".", "..", "app.json"], Names(guest, guest.OpenFolder(root, "./etc/")));
        Assert.Equal(FileType.RegularFile, guest.List(guest.OpenFolder(root, "etc")).Single(entry => entry.Name == "app.json").Type);
        Assert.Equal(WasiErrno.None, guest.PathStatus(root, "var", out var status));
        Assert.Equal(FileType.Directory, status.Type);
        Assert.Equal(WasiErrno.ENOENT, guest.PathStatus(root, "bin", out _));
        Assert.Equal(WasiErrno.EPERM, guest.PathStatus(root, "..", out _));
        Assert.Equal(WasiErrno.EPERM, guest.TryOpen(root, "var/../../etc/passwd", out _));
    }

    [Fact]
    public void Root_ThatIsNoMountCannotBeWrittenTo()
    {
        using var guest = new WasiGuest(Host("/data"));
        var root = RootOf(guest);
        Assert.Equal(WasiErrno.EROFS, guest.TryOpen(root, "new", out _, OpenFlags.Create, Rights.Write));
        Assert.Equal(WasiErrno.EROFS, guest.OnPath("path_create_directory", root, "new"));
        Assert.Equal(WasiErrno.EROFS, guest.OnPath("path_unlink_file", root, "new"));
        Assert.Equal(WasiErrno.EROFS, guest.Symlink("data", root, "new"));
        Assert.Equal(WasiErrno.EROFS, guest.SetPathTimes(root, ".", 1, 1, SetTimesFlags.Modify));
        Assert.Equal(WasiErrno.EEXIST, guest.OnPath("path_create_directory", root, "data"));
        Assert.True(Directory.Exists(_host.Sub("data")));
    }

    /// <summary>As a kernel has it: the folder itself cannot be named by a dot, and its name is in use.</summary>
    [Theory]
    [InlineData("data")]
    [InlineData("data/")]
    [InlineData("var/../data")]
    [InlineData("var/cache")]
    [InlineData("outer")]
    [InlineData("outer/inner")]
    public void NameOfAMount_IsInUse(string path)
    {
        using var guest = new WasiGuest(Host("/data"), new GuestMount.Temporary("/var/cache", 65536), Host("/outer"), Host("/outer/inner"));
        var root = RootOf(guest);
        guest.WriteFile(3, "file", "in data");
        Assert.Equal(WasiErrno.EBUSY, guest.OnPath("path_remove_directory", root, path));
        Assert.Equal(WasiErrno.EISDIR, guest.OnPath("path_unlink_file", root, path));
        Assert.Equal(WasiErrno.EBUSY, guest.Rename(root, path, root, "outer/other"));
        Assert.Equal(WasiErrno.EBUSY, guest.Rename(root, path, 3, "other"));
        Assert.Equal(WasiErrno.EBUSY, guest.Rename(3, "file", root, path));
        foreach (var preopen in new[] { 3, 4, 5, 6 })
        {
            Assert.Equal(WasiErrno.EINVAL, guest.OnPath("path_remove_directory", preopen, "."));
        }

        Assert.Equal(WasiErrno.EINVAL, guest.OnPath("path_remove_directory", guest.OpenFolder(root, path), "."));
    }

    [Fact]
    public void MountBelowAMountedRoot_HidesWhatTheRootHasThere()
    {
        Directory.CreateDirectory(_host.Sub("root", "data"));
        File.WriteAllText(_host.Sub("root", "data", "file"), "the root's");
        File.WriteAllText(_host.Sub("root", "own"), "own");
        using var guest = new WasiGuest(Host("/", "root"), Host("/data"), Host("/extra/deep"));
        guest.WriteFile(4, "file", "the mount's");
        Assert.Equal("the mount's", guest.ReadFile(3, "data/file"));
        Assert.Equal("own", guest.ReadFile(3, "own"));
        Assert.Equal([".", "..", "data", "extra", "own"], Names(guest, 3));
        Assert.Equal([".", "..", "deep"], Names(guest, guest.OpenFolder(3, "extra")));
        Assert.Equal("the mount's", guest.ReadFile(guest.OpenFolder(3, "."), "data/file"));
        Assert.Equal("the root's", File.ReadAllText(_host.Sub("root", "data", "file")));
    }

    [Fact]
    public void RenameAndLink_DoNotCrossMounts()
    {
        using var guest = new WasiGuest(Host("/a"), Host("/b"), Host("/again", "a"), new GuestMount.Temporary("/t", 65536), new GuestMount.Temporary("/u", 65536));
        foreach (var from in Enumerable.Range(3, 5).Where(fd => fd != 5))
        {
            guest.WriteFile(from, "file", "content");
            foreach (var to in Enumerable.Range(3, 5).Where(fd => fd != from))
            {
                Assert.Equal(WasiErrno.EXDEV, guest.Rename(from, "file", to, "new"));
                Assert.Equal(WasiErrno.EXDEV, guest.Link(from, "file", to, "new"));
            }
        }

        var root = RootOf(guest);
        Assert.Equal(WasiErrno.EXDEV, guest.Rename(root, "a/file", root, "b/new"));
        Assert.Equal(WasiErrno.None, guest.Rename(root, "a/file", root, "a/new"));
        Assert.Equal(WasiErrno.None, guest.Rename(root, "a/new", 3, "back"));
    }

    [Theory]
    [InlineData("data", "it is not absolute")]
    [InlineData("/a/../b", "it leads upwards")]
    public void GuestPath_ThatIsNoneIsRefused(string path, string problem)
    {
        var refusal = Assert.Throws<IOException>(() => new WasiGuest(new GuestMount.Temporary(path, 65536)));
        Assert.Equal($"cannot mount at {path}: {problem}", refusal.Message);
    }

    [Fact]
    public void Mounts_DoNotShareAPlace()
    {
        Assert.Equal(
            "cannot mount at /data/: something is mounted there already",
            Assert.Throws<IOException>(() => new WasiGuest(Host("/data"), Host("/data/"))).Message);
        Assert.Equal(
            "cannot mount at /file/below: it lies below a mounted file",
            Assert.Throws<IOException>(() => new WasiGuest(HostFile("/file", "x"), Host("/file/below"))).Message);
    }

    [Fact]
    public void HostFolder_ThatIsMissingIsNamed()
    {
        var path = _host.Sub("missing");
        var refusal = Assert.Throws<IOException>(() => new WasiGuest(new GuestMount.Host("/data", path, ReadOnly: true)));
        Assert.Equal($"cannot mount {path} at /data: there is no such folder or file", refusal.Message);
    }

    private static List<string> Preopens(WasiGuest guest)
    {
        var paths = new List<string>();
        for (var fd = 3; guest.Call("fd_prestat_get", fd, WasiGuest.Result) == WasiErrno.None; fd++)
        {
            var length = guest.Memory.ReadInt32(WasiGuest.Result + 4);
            var place = guest.Reserve(length);
            Assert.Equal(WasiErrno.None, guest.Call("fd_prestat_dir_name", fd, place, length));
            paths.Add(guest.Text(place, length));
        }

        return paths;
    }

    private static int RootOf(WasiGuest guest) => 3 + Preopens(guest).IndexOf("/");

    private static IEnumerable<string> Names(WasiGuest guest, int folder) =>
        guest.List(folder).Select(entry => entry.Name).Order(StringComparer.Ordinal);

    private GuestMount.Host Host(string guestPath, string? name = null)
    {
        var path = _host.Sub(name ?? guestPath.Trim('/').Replace('/', '-'));
        Directory.CreateDirectory(path);
        return new(guestPath, path, ReadOnly: false);
    }

    private GuestMount.Host HostFile(string guestPath, string content) =>
        new(guestPath, _host.Write(Path.GetFileName(guestPath), content), ReadOnly: false);
}
