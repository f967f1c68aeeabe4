using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>What moving a name means, whatever stands behind the folder.</summary>
public abstract class RenameRules : IDisposable
{
    private const int Root = MountedGuest.Root;

    private readonly MountedGuest _mounted;
    private readonly WasiGuest _guest;

    private protected RenameRules(Backing backing)
    {
        _mounted = new(backing);
        _guest = _mounted.Guest;
        _guest.WriteFile(Root, "file", "file content");
        _guest.WriteFile(Root, "other", "other content");
        foreach (var folder in new[] { "folder", "folder/sub", "empty" })
        {
            Assert.Equal(WasiErrno.None, _guest.OnPath("path_create_directory", Root, folder));
        }

        _guest.WriteFile(Root, "folder/deep", "deep content");
        Assert.Equal(WasiErrno.None, _guest.Symlink("file", Root, "link"));
    }

    public void Dispose()
    {
        _mounted.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Rename_MovesAFileAndReplacesTheOldOne()
    {
        Assert.Equal(WasiErrno.None, _guest.Rename(Root, "file", Root, "folder/deep"));
        Assert.Equal("file content", _guest.ReadFile(Root, "folder/deep"));
        Assert.Equal(WasiErrno.ENOENT, _guest.PathStatus(Root, "file", out _));
    }

    [Fact]
    public void Rename_MovesAFolderWithEverythingInIt()
    {
        Assert.Equal(WasiErrno.None, _guest.Rename(Root, "folder", Root, "empty"));
        Assert.Equal("deep content", _guest.ReadFile(Root, "empty/deep"));
        Assert.Equal("other content", _guest.ReadFile(Root, "empty/../other"));
        Assert.Equal(WasiErrno.ENOENT, _guest.PathStatus(Root, "folder", out _));
    }

    [Fact]
    public void Rename_BetweenFoldersKeepsAnOpenFolderWhereItIs()
    {
        var sub = _guest.OpenFolder(Root, "folder/sub");
        Assert.Equal(WasiErrno.None, _guest.Rename(Root, "folder/sub", Root, "empty/moved"));
        _guest.WriteFile(sub, "new", "made after the move");
        Assert.Equal("made after the move", _guest.ReadFile(Root, "empty/moved/new"));
    }

    [Fact]
    public void Rename_OfALinkMovesTheLink()
    {
        Assert.Equal(WasiErrno.None, _guest.Rename(Root, "link", Root, "moved"));
        Assert.Equal(WasiErrno.None, _guest.ReadLink(Root, "moved", 64, out var target));
        Assert.Equal("file", target);
        Assert.Equal("file content", _guest.ReadFile(Root, "file"));
    }

    [Fact]
    public void Rename_OntoASecondNameOfTheSameFileDoesNothing()
    {
        Assert.Equal(WasiErrno.None, _guest.Link(Root, "file", Root, "second"));
        Assert.Equal(WasiErrno.None, _guest.Rename(Root, "file", Root, "second"));
        Assert.Equal("file content", _guest.ReadFile(Root, "file"));
        Assert.Equal("file content", _guest.ReadFile(Root, "second"));
    }

    [Theory]
    [InlineData("file", "file", "None")]
    [InlineData("folder", "folder", "None")]
    [InlineData("missing", "new", "ENOENT")]
    [InlineData("file", "missing/new", "ENOENT")]
    [InlineData("file", "other/new", "ENOTDIR")]
    [InlineData("file", "empty", "EISDIR")]
    [InlineData("file", "new/", "ENOTDIR")]
    [InlineData("file/", "new", "ENOTDIR")]
    [InlineData("folder", "file", "ENOTDIR")]
    [InlineData("folder", "new/", "None")]
    [InlineData("folder/", "new", "None")]
    [InlineData("empty", "folder", "ENOTEMPTY")]
    [InlineData("folder", "folder/sub/inside", "EINVAL")]
    [InlineData("folder", "folder/inside", "EINVAL")]
    [InlineData(".", "new", "EBUSY")]
    [InlineData("folder/.", "new", "EBUSY")]
    [InlineData("folder/..", "new", "EBUSY")]
    [InlineData("file", ".", "EBUSY")]
    [InlineData("missing", ".", "EBUSY")]
    [InlineData("missing/file", ".", "ENOENT")]
    [InlineData("folder/deep", "folder", "ENOTEMPTY")]
    [InlineData("folder/sub", "folder", "ENOTEMPTY")]
    [InlineData("folder/deep", "folder/sub", "EISDIR")]
    [InlineData("folder/deep/", "folder", "ENOTDIR")]
    public void Rename_AnswersAsPosixSays(string path, string target, string expected) =>
        Assert.Equal(expected, _guest.Rename(Root, path, Root, target).ToString());

    [Theory]
    [InlineData("path_create_directory")]
    [InlineData("path_unlink_file")]
    public void RemovedFolder_TakesNothingNewWhileItIsOpen(string function)
    {
        var empty = _guest.OpenFolder(Root, "empty");
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_remove_directory", Root, "empty"));
        Assert.Equal(WasiErrno.ENOENT, _guest.OnPath(function, empty, "new"));
        Assert.Equal(WasiErrno.ENOENT, _guest.TryOpen(empty, "new", out _, OpenFlags.Create, Rights.Write));
        Assert.Equal(WasiErrno.ENOENT, _guest.Rename(Root, "file", empty, "new"));
        Assert.Empty(_guest.List(empty));
    }
}
