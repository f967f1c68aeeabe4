using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>Every call that could write, on a mount that is read-only. The folder is compared to the byte afterwards.</summary>
public sealed class ReadOnlyTests : IDisposable
{
    private const int ReadOnly = 3;
    private const int Writable = 4;

    private readonly TemporaryFolder _host = new();
    private readonly WasiGuest _guest;
    private readonly string _before;

    public ReadOnlyTests()
    {
        Directory.CreateDirectory(_host.Sub("ro", "folder"));
        Directory.CreateDirectory(_host.Sub("rw"));
        File.WriteAllText(_host.Sub("ro", "file"), "content");
        File.WriteAllText(_host.Sub("rw", "own"), "own");
        File.CreateSymbolicLink(_host.Sub("ro", "link"), "file");
        File.CreateSymbolicLink(_host.Sub("ro", "dangling"), "nothing");
        _before = Snapshot();
        _guest = new(new GuestMount.Host("/ro", _host.Sub("ro"), ReadOnly: true), new GuestMount.Host("/rw", _host.Sub("rw"), ReadOnly: false));
    }

    public void Dispose()
    {
        Assert.Equal(_before, Snapshot());
        _guest.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData("file", (int)OpenFlags.None, (ulong)Rights.Write)]
    [InlineData("file", (int)OpenFlags.None, (ulong)(Rights.Read | Rights.Write))]
    [InlineData("file", (int)OpenFlags.None, (ulong)Rights.Allocate)]
    [InlineData("file", (int)OpenFlags.None, (ulong)Rights.SetSize)]
    [InlineData("file", (int)OpenFlags.Truncate, (ulong)Rights.Read)]
    [InlineData("new", (int)OpenFlags.Create, (ulong)Rights.Read)]
    [InlineData("new", (int)(OpenFlags.Create | OpenFlags.Exclusive), (ulong)Rights.Write)]
    [InlineData("link", (int)OpenFlags.None, (ulong)Rights.Write)]
    [InlineData("folder/new", (int)OpenFlags.Create, (ulong)Rights.Write)]
    [InlineData("dangling", (int)OpenFlags.Create, (ulong)Rights.Write)]
    public void Open_ToWriteIsRefused(string path, int flags, ulong rights) =>
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(ReadOnly, path, out _, (OpenFlags)flags, (Rights)rights));

    /// <summary>A kernel finds the file, and the name that is taken, before it finds that nothing may be written.</summary>
    [Fact]
    public void WhatIsWrongWithTheName_IsToldFirst()
    {
        Assert.Equal(WasiErrno.None, _guest.TryOpen(ReadOnly, "file", out _, OpenFlags.Create));
        Assert.Equal(WasiErrno.ENOENT, _guest.TryOpen(ReadOnly, "new", out _, OpenFlags.None, Rights.Write));
        Assert.Equal(WasiErrno.ENOENT, _guest.TryOpen(ReadOnly, "missing/new", out _, OpenFlags.Create, Rights.Write));
        Assert.Equal(WasiErrno.ENOTDIR, _guest.TryOpen(ReadOnly, "file/new", out _, OpenFlags.Create, Rights.Write));
        Assert.Equal(WasiErrno.EEXIST, _guest.TryOpen(ReadOnly, "file", out _, OpenFlags.Create | OpenFlags.Exclusive, Rights.Write));
        Assert.Equal(WasiErrno.EEXIST, _guest.TryOpen(ReadOnly, "dangling", out _, OpenFlags.Create | OpenFlags.Exclusive, Rights.Write));
        Assert.Equal(WasiErrno.EEXIST, _guest.OnPath("path_create_directory", ReadOnly, "folder"));
        Assert.Equal(WasiErrno.EEXIST, _guest.OnPath("path_create_directory", ReadOnly, "."));
        Assert.Equal(WasiErrno.ENOENT, _guest.OnPath("path_create_directory", ReadOnly, "missing/new"));
        Assert.Equal(WasiErrno.EEXIST, _guest.Symlink("file", ReadOnly, "link"));
        Assert.Equal(WasiErrno.ENOENT, _guest.SetPathTimes(ReadOnly, "new", 1, 1, SetTimesFlags.Modify));
        Assert.Equal(WasiErrno.EPERM, _guest.OnPath("path_create_directory", ReadOnly, "../new"));
    }

    [Theory]
    [InlineData("new/", "EISDIR")]
    [InlineData("file/", "EISDIR")]
    [InlineData("folder/", "EISDIR")]
    [InlineData("link/", "EISDIR")]
    [InlineData("missing/new/", "ENOENT")]
    public void Create_OfANameWithASeparatorBehindItIsRefusedAsElsewhere(string path, string expected)
    {
        foreach (var flags in new[] { OpenFlags.Create, OpenFlags.Create | OpenFlags.Exclusive })
        {
            Assert.Equal(expected, _guest.TryOpen(ReadOnly, path, out _, flags).ToString());
            Assert.Equal(expected, _guest.TryOpen(ReadOnly, path, out _, flags, Rights.Write).ToString());
        }
    }

    [Fact]
    public void Path_IsNotChanged()
    {
        Assert.Equal(WasiErrno.EROFS, _guest.OnPath("path_create_directory", ReadOnly, "new"));
        Assert.Equal(WasiErrno.EROFS, _guest.OnPath("path_remove_directory", ReadOnly, "folder"));
        Assert.Equal(WasiErrno.EROFS, _guest.OnPath("path_unlink_file", ReadOnly, "file"));
        Assert.Equal(WasiErrno.EROFS, _guest.Symlink("file", ReadOnly, "new"));
        Assert.Equal(WasiErrno.EROFS, _guest.Link(ReadOnly, "file", ReadOnly, "new"));
        Assert.Equal(WasiErrno.EROFS, _guest.Rename(ReadOnly, "file", ReadOnly, "new"));
        Assert.Equal(WasiErrno.EROFS, _guest.SetPathTimes(ReadOnly, "file", 1, 1, SetTimesFlags.Modify));
        Assert.Equal(WasiErrno.EROFS, _guest.SetPathTimes(ReadOnly, "link", 1, 1, SetTimesFlags.Modify, follow: false));
    }

    [Fact]
    public void OtherMount_IsNoWayIn()
    {
        Assert.Equal(WasiErrno.EXDEV, _guest.Rename(Writable, "own", ReadOnly, "new"));
        Assert.Equal(WasiErrno.EXDEV, _guest.Rename(ReadOnly, "file", Writable, "new"));
        Assert.Equal(WasiErrno.EXDEV, _guest.Link(ReadOnly, "file", Writable, "new"));
        Assert.Equal(WasiErrno.EXDEV, _guest.Link(Writable, "own", ReadOnly, "new"));
    }

    [Fact]
    public void Descriptor_OpenedToReadCannotWrite()
    {
        var file = _guest.Open(ReadOnly, "file", rights: Rights.Read | Rights.Seek | Rights.SetTimes | Rights.SetFlags | Rights.Sync);
        var vectors = _guest.PutVectors((_guest.Put("x"u8), 1));
        Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_write", file, vectors, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_pwrite", file, vectors, 1, 0L, WasiGuest.Result));
        Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_filestat_set_size", file, 0L));
        Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_allocate", file, 0L, 100L));
        Assert.Equal(WasiErrno.EROFS, _guest.Call("fd_filestat_set_times", file, 1L, 1L, (int)SetTimesFlags.Modify));
        Assert.Equal(WasiErrno.EROFS, _guest.Call("fd_filestat_set_times", ReadOnly, 1L, 1L, (int)SetTimesFlags.Modify));
        Assert.Equal("content", _guest.Read(file));
    }

    [Fact]
    public void Reading_Works()
    {
        Assert.Equal("content", _guest.ReadFile(ReadOnly, "link"));
        Assert.Equal(["dangling", "file", "folder", "link"], _guest.List(ReadOnly).Select(entry => entry.Name).Where(name => name[0] != '.').Order(StringComparer.Ordinal));
        Assert.Equal(WasiErrno.None, _guest.ReadLink(ReadOnly, "link", 64, out _));
    }

    private string Snapshot() => string.Join('\n', Directory
        .EnumerateFileSystemEntries(_host.Sub("ro"), "*", SearchOption.AllDirectories)
        .Append(_host.Sub("ro"))
        .Order(StringComparer.Ordinal)
        .Select(path => $"{path} {File.GetLastWriteTimeUtc(path).Ticks} {new FileInfo(path) switch { { LinkTarget: { } target } => target, { Exists: true } => File.ReadAllText(path), _ => "" }}"));
}
