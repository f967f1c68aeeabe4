using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>A single file as a mount, of the host or of a given content: a secret, a configuration.</summary>
public sealed class FileMountTests : IDisposable
{
    private const string Path = "run/secrets/password";

    private readonly TemporaryFolder _host = new();
    private readonly WasiGuest _guest;
    private readonly int _root;

    public FileMountTests()
    {
        _host.Write("neighbour", "not for the guest");
        _guest = new(
            new GuestMount.Host("/run/secrets/password", _host.Write("password", "sesame"), ReadOnly: true),
            new GuestMount.Text("/run/secrets/token", new(new byte[10_000])),
            new GuestMount.Host("/etc/app.json", _host.Write("app.json", "{}"), ReadOnly: false));
        _root = Enumerable.Range(3, 10).First(fd => _guest.PathStatus(fd, "run", out _) == WasiErrno.None);
    }

    public void Dispose()
    {
        _guest.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void File_IsReadThroughTheRoot()
    {
        Assert.Equal("sesame", _guest.ReadFile(_root, Path));
        Assert.Equal("sesame", _guest.ReadFile(_guest.OpenFolder(_root, "run/secrets"), "password"));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(_root, Path, out var status));
        Assert.Equal((FileType.RegularFile, 6UL), (status.Type, status.Size));
    }

    [Fact]
    public void Text_IsReadAndNotChanged()
    {
        const string Token = "run/secrets/token";

        Assert.Equal(10_000, _guest.Read(_guest.Open(_root, Token), 16_384).Length);
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(_root, Token, out _, OpenFlags.None, Rights.Write));
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(_root, Token, out _, OpenFlags.Truncate));
        Assert.Equal(WasiErrno.EROFS, _guest.OnPath("path_unlink_file", _root, Token));
        Assert.Equal(WasiErrno.EROFS, _guest.SetPathTimes(_root, Token, 1, 1, SetTimesFlags.Modify));
    }

    [Fact]
    public void File_ReplacedOnTheHostIsSeen()
    {
        _host.Write("next", "new sesame");
        HostCalls.Move(_host.Sub("next"), _host.Sub("password"));
        Assert.Equal("new sesame", _guest.ReadFile(_root, Path));
    }

    [Fact]
    public void File_ThatIsReadOnlyIsNotChanged()
    {
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(_root, Path, out _, OpenFlags.None, Rights.Write));
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(_root, Path, out _, OpenFlags.Truncate));
        Assert.Equal(WasiErrno.EROFS, _guest.OnPath("path_unlink_file", _root, Path));
        Assert.Equal(WasiErrno.EROFS, _guest.Rename(_root, Path, _root, "etc/app.json"));
        Assert.Equal(WasiErrno.EROFS, _guest.SetPathTimes(_root, Path, 1, 1, SetTimesFlags.Modify));
    }

    [Theory]
    [InlineData(Path)]
    [InlineData("run/secrets/token")]
    public void Descriptor_OfWhatIsReadOnlyChangesNothing(string path)
    {
        Assert.Equal(WasiErrno.None, _guest.PathStatus(_root, path, out var before));
        const Rights Harmless = Rights.File & ~(Rights.Write | Rights.Allocate | Rights.SetSize);
        foreach (var flags in new[] { OpenFlags.None, OpenFlags.Create })
        {
            var file = _guest.Open(_root, path, flags, Harmless);
            var vectors = _guest.PutVectors((_guest.Put("x"u8), 1));
            foreach (var times in new[] { SetTimesFlags.Modify, SetTimesFlags.Access, SetTimesFlags.ModifyNow | SetTimesFlags.AccessNow })
            {
                Assert.Equal(WasiErrno.EROFS, _guest.Call("fd_filestat_set_times", file, 1L, 1L, (int)times));
            }

            Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_write", file, vectors, 1, WasiGuest.Result));
            Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_pwrite", file, vectors, 1, 0L, WasiGuest.Result));
            Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_filestat_set_size", file, 0L));
            Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_allocate", file, 0L, 100_000L));
            Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_set_flags", file, (int)FdFlags.Append));
        }

        foreach (var right in new[] { Rights.Write, Rights.Allocate, Rights.SetSize })
        {
            Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(_root, path, out _, OpenFlags.None, Rights.Read | right));
        }

        Assert.Equal(WasiErrno.None, _guest.PathStatus(_root, path, out var after));
        Assert.Equal(before, after);
    }

    [Fact]
    public void File_ThatIsWritableIsWrittenThrough()
    {
        _guest.WriteFile(_root, "etc/app.json", "changed");
        Assert.Equal("changed", File.ReadAllText(_host.Sub("app.json")));
        Assert.Equal(WasiErrno.EBUSY, _guest.OnPath("path_unlink_file", _root, "etc/app.json"));
        Assert.Equal(WasiErrno.EBUSY, _guest.Rename(_root, "etc/app.json", _root, "etc/other"));
        Assert.Equal(WasiErrno.EEXIST, _guest.TryOpen(_root, "etc/app.json", out _, OpenFlags.Create | OpenFlags.Exclusive, Rights.Write));
    }

    [Theory]
    [InlineData("run/secrets/neighbour", "ENOENT")]
    [InlineData("run/secrets/password/", "ENOTDIR")]
    [InlineData("run/secrets/password/..", "ENOTDIR")]
    [InlineData("run/secrets/password/../neighbour", "ENOTDIR")]
    [InlineData("run/secrets/password/neighbour", "ENOTDIR")]
    [InlineData("run/secrets/../neighbour", "ENOENT")]
    public void Neighbours_AreNotReached(string path, string expected)
    {
        Assert.Equal(expected, _guest.TryOpen(_root, path, out _).ToString());
        Assert.Equal(expected, _guest.PathStatus(_root, path, out _).ToString());
    }

    [Fact]
    public void File_ThatBecameALinkIsNotFollowed()
    {
        File.Delete(_host.Sub("password"));
        File.CreateSymbolicLink(_host.Sub("password"), "neighbour");
        Assert.Equal(WasiErrno.ELOOP, _guest.TryOpen(_root, Path, out _));
    }
}
