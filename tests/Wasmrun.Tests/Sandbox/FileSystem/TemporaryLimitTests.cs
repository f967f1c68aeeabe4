using System.Globalization;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>What a temporary file system takes at most, and that it all comes back.</summary>
public sealed class TemporaryLimitTests : IDisposable
{
    private const int Root = 3;
    private const int Piece = 4096;
    private const int Pieces = 16;
    private const int Names = 64;

    private readonly WasiGuest _guest = new(new GuestMount.Temporary("/tmp", Pieces * Piece));

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Write_TakesWhatFitsAndThenNothing()
    {
        var fd = NewFile("file");
        var vectors = _guest.PutVectors((0, 3 * Piece), (0, 20 * Piece));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_write", fd, vectors, 2, WasiGuest.Result));
        Assert.Equal(Pieces * Piece, _guest.Memory.ReadInt32(WasiGuest.Result));
        Assert.Equal(WasiErrno.ENOSPC, _guest.Call("fd_write", fd, vectors, 2, WasiGuest.Result));
        Assert.Equal((ulong)(Pieces * Piece), _guest.Status(fd).Size);
    }

    [Theory]
    [InlineData("unlink")]
    [InlineData("truncate")]
    [InlineData("replace")]
    [InlineData("unlink while open")]
    public void Room_ComesBack(string how)
    {
        Fill("full");
        Assert.Equal(WasiErrno.ENOSPC, TryFill("more"));
        switch (how)
        {
            case "unlink":
                Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", Root, "full"));
                break;
            case "truncate":
                Assert.Equal(WasiErrno.None, _guest.Close(_guest.Open(Root, "full", OpenFlags.Truncate, Rights.Write)));
                break;
            case "replace":
                Assert.Equal(WasiErrno.None, _guest.Rename(Root, "more", Root, "full"));
                break;
            default:
                var fd = _guest.Open(Root, "full");
                Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", Root, "full"));
                Assert.Equal(WasiErrno.ENOSPC, TryFill("more"));
                Assert.Equal(WasiErrno.None, _guest.Close(fd));
                break;
        }

        Fill("again");
    }

    [Fact]
    public void Hole_TakesNoRoom()
    {
        var fd = NewFile("sparse");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_filestat_set_size", fd, 1L << 40));
        Assert.Equal(WasiErrno.None, _guest.Seek(fd, 1L << 40, Whence.Set, out _));
        Assert.Equal(WasiErrno.None, _guest.Write(fd, "end"));
        Assert.Equal((1UL << 40) + 3, _guest.Status(fd).Size);
        Assert.Equal(WasiErrno.None, _guest.Seek(fd, -7, Whence.End, out _));
        Assert.Equal("\0\0\0\0end", _guest.Read(fd));
        Assert.Equal(WasiErrno.ENOSPC, _guest.Call("fd_allocate", fd, 0L, 1L << 40));
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_pwrite", fd, _guest.PutVectors((0, 16)), 1, long.MaxValue - 8, WasiGuest.Result));
    }

    [Fact]
    public void Allocate_TakesTheRoomAtOnce()
    {
        var fd = NewFile("reserved");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_allocate", fd, 0L, (long)Pieces * Piece));
        Assert.Equal(WasiErrno.ENOSPC, TryFill("other"));
        Assert.Equal(WasiErrno.ENOSPC, _guest.Call("fd_allocate", fd, 0L, ((long)Pieces * Piece) + 1));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_allocate", fd, 10L, 10L));
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("file")]
    [InlineData("symlink")]
    [InlineData("link")]
    public void Names_AreBoundedWhateverTheyName(string kind)
    {
        var made = 0;
        WasiErrno result;
        Assert.Equal(WasiErrno.None, _guest.Close(NewFile("first")));
        while ((result = Make(kind, made.ToString(CultureInfo.InvariantCulture))) == WasiErrno.None)
        {
            made++;
            _guest.Free();
        }

        Assert.Equal((WasiErrno.ENOSPC, Names - 1), (result, made));
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", Root, "first"));
        Assert.Equal(WasiErrno.None, Make("folder", "now it fits"));
    }

    [Fact]
    public void LinkTargets_TakeRoom()
    {
        var target = new string('t', Piece - 1);
        for (var number = 0; number < Pieces; number++)
        {
            Assert.Equal(WasiErrno.None, _guest.Symlink(target, Root, $"link{number}"));
            _guest.Free();
        }

        Assert.Equal(WasiErrno.ENOSPC, _guest.Symlink(target, Root, "more"));
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", Root, "link0"));
        Assert.Equal(WasiErrno.None, _guest.Symlink(target, Root, "more"));
    }

    [Fact]
    public void Paths_DoNotLeadOut()
    {
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_create_directory", Root, "folder"));
        Assert.Equal(WasiErrno.None, _guest.Symlink("../..", Root, "folder/up"));
        foreach (var path in new[] { "..", "../tmp", "folder/../..", "folder/up", "folder/up/tmp", "/tmp" })
        {
            Assert.Equal(WasiErrno.EPERM, _guest.PathStatus(Root, path, out _));
            Assert.Equal(WasiErrno.EPERM, _guest.TryOpen(Root, path, out _));
        }

        var folder = _guest.OpenFolder(Root, "folder");
        Assert.Equal(WasiErrno.EPERM, _guest.PathStatus(folder, "..", out _));
    }

    private WasiErrno Make(string kind, string name) => kind switch
    {
        "folder" => _guest.OnPath("path_create_directory", Root, name),
        "symlink" => _guest.Symlink("x", Root, name),
        "link" => _guest.Link(Root, "first", Root, name),
        _ => _guest.TryOpen(Root, name, out var fd, OpenFlags.Create, Rights.Write) is var result && result == WasiErrno.None
            ? _guest.Close(fd)
            : result,
    };

    private int NewFile(string name) => _guest.Open(Root, name, OpenFlags.Create, Rights.All);

    private void Fill(string name)
    {
        Assert.Equal(WasiErrno.None, TryFill(name));
        Assert.Equal(Pieces * Piece, _guest.Memory.ReadInt32(WasiGuest.Result));
    }

    private WasiErrno TryFill(string name)
    {
        var fd = _guest.Open(Root, name, OpenFlags.Create, Rights.Write);
        var result = _guest.Call("fd_write", fd, _guest.PutVectors((0, Pieces * Piece)), 1, WasiGuest.Result);
        var written = _guest.Memory.ReadInt32(WasiGuest.Result);
        Assert.Equal(WasiErrno.None, _guest.Close(fd));
        _guest.Memory.WriteInt32(WasiGuest.Result, written);
        return result;
    }
}
