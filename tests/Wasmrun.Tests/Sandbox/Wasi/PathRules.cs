using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>What paths mean, whatever stands behind the folder they begin in.</summary>
public abstract class PathRules : IDisposable
{
    private const int Root = MountedGuest.Root;

    private readonly MountedGuest _mounted;
    private readonly WasiGuest _guest;

    private protected PathRules(Backing backing)
    {
        _mounted = new(backing);
        _guest = _mounted.Guest;
    }

    public void Dispose()
    {
        _mounted.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Create_MakesAFileThatKeepsWhatIsWritten()
    {
        _guest.WriteFile(Root, "a", "hello");
        Assert.Equal("hello", _guest.ReadFile(Root, "a"));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "a", out var status));
        Assert.Equal((FileType.RegularFile, 5UL, 1UL), (status.Type, status.Size, status.Links));
    }

    [Fact]
    public void Create_ExclusivelyRefusesWhatExists()
    {
        _guest.WriteFile(Root, "a", "old");
        Assert.Equal(WasiErrno.EEXIST, _guest.TryOpen(Root, "a", out _, OpenFlags.Create | OpenFlags.Exclusive, Rights.Write));
        Assert.Equal(WasiErrno.None, _guest.Symlink("nowhere", Root, "link"));
        Assert.Equal(WasiErrno.EEXIST, _guest.TryOpen(Root, "link", out _, OpenFlags.Create | OpenFlags.Exclusive, Rights.Write));
        Assert.Equal("old", _guest.ReadFile(Root, "a"));
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("folder/.")]
    [InlineData("folder/sub/..")]
    [InlineData("to-folder")]
    [InlineData("to-folder/sub")]
    [InlineData(".")]
    public void Create_ExclusivelyRefusesAFolderHoweverItIsNamed(string path)
    {
        Tree();
        Assert.Equal(WasiErrno.EEXIST, _guest.TryOpen(Root, path, out _, OpenFlags.Create | OpenFlags.Exclusive, Rights.Write));
    }

    [Fact]
    public void Create_ThroughALinkMakesItsTarget()
    {
        Assert.Equal(WasiErrno.None, _guest.Symlink("target", Root, "link"));
        _guest.WriteFile(Root, "link", "through");
        Assert.Equal("through", _guest.ReadFile(Root, "target"));
        Assert.Equal(WasiErrno.ELOOP, _guest.TryOpen(Root, "link", out _, OpenFlags.Create, Rights.Write, follow: false));
    }

    [Fact]
    public void Truncate_CutsTheFileOff()
    {
        _guest.WriteFile(Root, "a", "long content");
        _guest.WriteFile(Root, "a", "short");
        Assert.Equal("short", _guest.ReadFile(Root, "a"));
    }

    [Theory]
    [InlineData("missing", "ENOENT")]
    [InlineData("missing/file", "ENOENT")]
    [InlineData("file/", "ENOTDIR")]
    [InlineData("file/x", "ENOTDIR")]
    [InlineData("file/.", "ENOTDIR")]
    [InlineData("file/..", "ENOTDIR")]
    [InlineData("folder/missing", "ENOENT")]
    [InlineData("", "ENOENT")]
    public void Open_OfWhatIsNotThereSaysWhy(string path, string expected)
    {
        Tree();
        Assert.Equal(expected, _guest.TryOpen(Root, path, out _).ToString());
        Assert.Equal(expected, _guest.PathStatus(Root, path, out _).ToString());
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("folder/")]
    [InlineData("folder/.")]
    [InlineData("./folder///.//")]
    [InlineData("folder/sub/..")]
    [InlineData("folder/../folder/sub/../../folder")]
    [InlineData("to-folder")]
    [InlineData("to-folder/")]
    [InlineData("to-folder/sub/..")]
    public void Open_FindsTheFolderHoweverItIsNamed(string path)
    {
        Tree();
        var folder = _guest.OpenFolder(Root, path);
        Assert.Equal(["deep", "sub"], _guest.List(folder).Select(entry => entry.Name).Where(name => name[0] != '.').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("folder/deep")]
    [InlineData("to-folder/deep")]
    [InlineData("folder/sub/../deep")]
    [InlineData("folder/sub/up/deep")]
    [InlineData("chain")]
    public void Open_FollowsLinksInsideTheFolder(string path)
    {
        Tree();
        Assert.Equal("deep content", _guest.ReadFile(Root, path));
    }

    [Fact]
    public void Open_WithoutFollowingRefusesALink()
    {
        Tree();
        Assert.Equal(WasiErrno.ELOOP, _guest.TryOpen(Root, "chain", out _, follow: false));
        Assert.Equal(WasiErrno.ENOTDIR, _guest.TryOpen(Root, "to-folder", out _, OpenFlags.Directory, Rights.ReadDirectory, follow: false));
    }

    [Fact]
    public void Open_OfALinkInACircleEnds()
    {
        Assert.Equal(WasiErrno.None, _guest.Symlink("b", Root, "a"));
        Assert.Equal(WasiErrno.None, _guest.Symlink("a", Root, "b"));
        Assert.Equal(WasiErrno.ELOOP, _guest.TryOpen(Root, "a", out _));
        Assert.Equal(WasiErrno.ELOOP, _guest.TryOpen(Root, "a/file", out _));
        Assert.Equal(WasiErrno.ELOOP, _guest.TryOpen(Root, "a", out _, OpenFlags.Create, Rights.Write));
    }

    [Fact]
    public void Open_FollowsFortyLinksAndNoMore()
    {
        _guest.WriteFile(Root, "link0", "end");
        for (var number = 1; number <= 41; number++)
        {
            Assert.Equal(WasiErrno.None, _guest.Symlink($"link{number - 1}", Root, $"link{number}"));
        }

        Assert.Equal("end", _guest.ReadFile(Root, "link40"));
        Assert.Equal(WasiErrno.ELOOP, _guest.TryOpen(Root, "link41", out _));
    }

    [Theory]
    [InlineData((int)(OpenFlags.None))]
    [InlineData((int)(OpenFlags.Directory))]
    public void Open_OfAFolderToWriteIsRefused(int flags)
    {
        Tree();
        Assert.Equal(WasiErrno.EISDIR, _guest.TryOpen(Root, "folder", out _, (OpenFlags)flags, Rights.Read | Rights.Write));
    }

    [Theory]
    [InlineData((int)(OpenFlags.Create))]
    [InlineData((int)(OpenFlags.Truncate))]
    public void Open_OfAFolderAsANewFileIsRefused(int flags)
    {
        Tree();
        Assert.Equal(WasiErrno.EISDIR, _guest.TryOpen(Root, "folder", out _, (OpenFlags)flags));
    }

    /// <summary>Whatever has the name, and whether a link would be followed.</summary>
    [Theory]
    [InlineData("new/", "EISDIR")]
    [InlineData("file/", "EISDIR")]
    [InlineData("file//", "EISDIR")]
    [InlineData("folder/", "EISDIR")]
    [InlineData("folder/deep/", "EISDIR")]
    [InlineData("to-folder/", "EISDIR")]
    [InlineData("to-folder/new/", "EISDIR")]
    [InlineData("chain/", "EISDIR")]
    [InlineData("missing/new/", "ENOENT")]
    [InlineData("file/new/", "ENOTDIR")]
    public void Create_OfANameWithASeparatorBehindItIsRefused(string path, string expected)
    {
        Tree();
        foreach (var flags in new[] { OpenFlags.Create, OpenFlags.Create | OpenFlags.Exclusive, OpenFlags.Create | OpenFlags.Truncate })
        {
            foreach (var follow in new[] { true, false })
            {
                Assert.Equal(expected, _guest.TryOpen(Root, path, out _, flags, Rights.Read | Rights.Write, follow).ToString());
            }
        }

        Assert.Equal("file content", _guest.ReadFile(Root, "file"));
    }

    [Fact]
    public void Open_OfAFileAsAFolderIsRefused()
    {
        Tree();
        Assert.Equal(WasiErrno.ENOTDIR, _guest.TryOpen(Root, "file", out _, OpenFlags.Directory));
        Assert.Equal(WasiErrno.ENOTDIR, _guest.TryOpen(Root, "chain", out _, OpenFlags.Directory));
    }

    [Theory]
    [InlineData((int)(OpenFlags.Directory | OpenFlags.Create))]
    [InlineData((int)(OpenFlags.Directory | OpenFlags.Exclusive))]
    [InlineData((int)(OpenFlags.Directory | OpenFlags.Truncate))]
    [InlineData(16)]
    public void Open_WithFlagsThatContradictIsInvalid(int flags) =>
        Assert.Equal(WasiErrno.EINVAL, _guest.TryOpen(Root, "x", out _, (OpenFlags)flags));

    [Fact]
    public void Status_OfALinkIsItsOwnUnlessFollowed()
    {
        Tree();
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "chain", out var link, follow: false));
        Assert.Equal((FileType.SymbolicLink, 9UL), (link.Type, link.Size));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "chain", out var target));
        Assert.Equal((FileType.RegularFile, 12UL), (target.Type, target.Size));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "to-folder/", out var folder, follow: false));
        Assert.Equal(FileType.Directory, folder.Type);
    }

    [Fact]
    public void Status_IsTheSameByPathAndByDescriptor()
    {
        Tree();
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "folder/deep", out var byPath));
        Assert.Equal(byPath, _guest.Status(_guest.Open(Root, "folder/deep")));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "folder", out var folder));
        Assert.Equal(folder, _guest.Status(_guest.Open(Root, "folder")));
    }

    [Fact]
    public void SetTimes_SetsEachByItself()
    {
        _guest.WriteFile(Root, "a", "x");
        Assert.Equal(WasiErrno.None, _guest.SetPathTimes(Root, "a", 1_000_000_007, 2_000_000_009, SetTimesFlags.Access | SetTimesFlags.Modify));
        Assert.Equal(WasiErrno.None, _guest.SetPathTimes(Root, "a", 5, 3_000_000_011, SetTimesFlags.Modify));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "a", out var status));
        Assert.Equal((1_000_000_007UL, 3_000_000_011UL), (status.AccessTime, status.ModifyTime));
        Assert.Equal(WasiErrno.None, _guest.SetPathTimes(Root, "a", 0, 0, SetTimesFlags.ModifyNow));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "a", out status));
        Assert.Equal(1_000_000_007UL, status.AccessTime);
        Assert.NotEqual(3_000_000_011UL, status.ModifyTime);
    }

    [Fact]
    public void SetTimes_OfALinkLeavesItsTargetAlone()
    {
        _guest.WriteFile(Root, "a", "x");
        Assert.Equal(WasiErrno.None, _guest.Symlink("a", Root, "link"));
        const SetTimesFlags Both = SetTimesFlags.Access | SetTimesFlags.Modify;
        Assert.Equal(WasiErrno.None, _guest.SetPathTimes(Root, "a", 10, 20, Both));
        Assert.Equal(WasiErrno.None, _guest.SetPathTimes(Root, "link", 30, 40, Both, follow: false));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "link", out var link, follow: false));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "link", out var target));
        Assert.Equal((40UL, 20UL), (link.ModifyTime, target.ModifyTime));
    }

    [Theory]
    [InlineData((int)(SetTimesFlags.Access | SetTimesFlags.AccessNow))]
    [InlineData((int)(SetTimesFlags.Modify | SetTimesFlags.ModifyNow))]
    [InlineData(16)]
    public void SetTimes_FromTwoSourcesAtOnceIsInvalid(int flags)
    {
        _guest.WriteFile(Root, "a", "x");
        Assert.Equal(WasiErrno.EINVAL, _guest.SetPathTimes(Root, "a", 1, 1, (SetTimesFlags)flags));
    }

    [Fact]
    public void ReadLink_GivesTheTargetAsFarAsItFits()
    {
        Tree();
        Assert.Equal(WasiErrno.None, _guest.ReadLink(Root, "to-folder", 64, out var target));
        Assert.Equal("folder", target);
        Assert.Equal(WasiErrno.None, _guest.ReadLink(Root, "to-folder", 3, out target));
        Assert.Equal("fol", target);
        Assert.Equal(WasiErrno.None, _guest.ReadLink(Root, "to-folder", 0, out target));
        Assert.Equal("", target);
        Assert.Equal(WasiErrno.EINVAL, _guest.ReadLink(Root, "file", 64, out _));
        Assert.Equal(WasiErrno.EINVAL, _guest.ReadLink(Root, "to-folder/", 64, out _));
        Assert.Equal(WasiErrno.ENOENT, _guest.ReadLink(Root, "missing", 64, out _));
    }

    [Theory]
    [InlineData("folder", "EEXIST")]
    [InlineData("file", "EEXIST")]
    [InlineData("to-folder", "EEXIST")]
    [InlineData(".", "EEXIST")]
    [InlineData("folder/..", "EEXIST")]
    [InlineData("missing/new", "ENOENT")]
    [InlineData("file/new", "ENOTDIR")]
    [InlineData("new/", "None")]
    [InlineData("to-folder/new", "None")]
    public void CreateDirectory_AnswersAsPosixSays(string path, string expected)
    {
        Tree();
        Assert.Equal(expected, _guest.OnPath("path_create_directory", Root, path).ToString());
    }

    [Theory]
    [InlineData("folder", "ENOTEMPTY")]
    [InlineData("folder/sub", "ENOTEMPTY")]
    [InlineData("empty", "None")]
    [InlineData("empty/", "None")]
    [InlineData("empty/.", "EINVAL")]
    [InlineData("empty/./", "EINVAL")]
    [InlineData("empty/..", "ENOTEMPTY")]
    [InlineData("empty/../", "ENOTEMPTY")]
    [InlineData("folder/sub/..", "ENOTEMPTY")]
    [InlineData("folder/sub/up/..", "ENOTEMPTY")]
    [InlineData("empty/../..", "EPERM")]
    [InlineData("missing/..", "ENOENT")]
    [InlineData("file/..", "ENOTDIR")]
    [InlineData("file", "ENOTDIR")]
    [InlineData("to-folder", "ENOTDIR")]
    [InlineData("missing", "ENOENT")]
    public void RemoveDirectory_AnswersAsPosixSays(string path, string expected)
    {
        Tree();
        Assert.Equal(expected, _guest.OnPath("path_remove_directory", Root, path).ToString());
    }

    [Theory]
    [InlineData("file", "None")]
    [InlineData("file/", "ENOTDIR")]
    [InlineData("chain", "None")]
    [InlineData("empty", "EISDIR")]
    [InlineData("missing", "ENOENT")]
    public void Unlink_AnswersAsPosixSays(string path, string expected)
    {
        Tree();
        Assert.Equal(expected, _guest.OnPath("path_unlink_file", Root, path).ToString());
        if (expected == "None")
        {
            Assert.Equal(WasiErrno.ENOENT, _guest.PathStatus(Root, path, out _, follow: false));
        }

        Assert.Equal("deep content", _guest.ReadFile(Root, "folder/deep"));
    }

    [Fact]
    public void Unlink_LeavesAnOpenFileReadable()
    {
        _guest.WriteFile(Root, "a", "still here");
        var fd = _guest.Open(Root, "a");
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", Root, "a"));
        Assert.Equal("still here", _guest.Read(fd));
        Assert.Equal(0UL, _guest.Status(fd).Links);
    }

    [Theory]
    [InlineData("file", "EEXIST")]
    [InlineData("folder", "EEXIST")]
    [InlineData("chain", "EEXIST")]
    [InlineData("missing/new", "ENOENT")]
    [InlineData("new/", "ENOENT")]
    [InlineData("new", "None")]
    public void Symlink_AnswersAsPosixSays(string path, string expected)
    {
        Tree();
        Assert.Equal(expected, _guest.Symlink("anything", Root, path).ToString());
    }

    [Fact]
    public void Link_GivesAFileASecondName()
    {
        Tree();
        Assert.Equal(WasiErrno.None, _guest.Link(Root, "file", Root, "folder/second"));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "file", out var first));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, "folder/second", out var second));
        Assert.Equal(first, second);
        Assert.Equal(2UL, second.Links);
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", Root, "file"));
        Assert.Equal("file content", _guest.ReadFile(Root, "folder/second"));
    }

    [Theory]
    [InlineData("file", "folder", "EEXIST")]
    [InlineData("file", "chain", "EEXIST")]
    [InlineData("file", "new/", "ENOENT")]
    [InlineData("file/", "new", "ENOTDIR")]
    [InlineData("folder", "new", "EPERM")]
    [InlineData("folder", "new/", "ENOENT")]
    [InlineData("missing", "new", "ENOENT")]
    [InlineData("chain", "new", "None")]
    public void Link_AnswersAsPosixSays(string path, string target, string expected)
    {
        Tree();
        Assert.Equal(expected, _guest.Link(Root, path, Root, target).ToString());
    }

    [Fact]
    public void Link_ToWhatALinkPointsAtIsInvalid()
    {
        Tree();
        var (old, oldLength) = _guest.PutPath("chain");
        var (address, length) = _guest.PutPath("new");
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("path_link", Root, 1, old, oldLength, Root, address, length));
    }

    /// <summary>A small tree with everything a path can meet.</summary>
    private void Tree()
    {
        _guest.WriteFile(Root, "file", "file content");
        foreach (var folder in new[] { "folder", "folder/sub", "empty" })
        {
            Assert.Equal(WasiErrno.None, _guest.OnPath("path_create_directory", Root, folder));
        }

        _guest.WriteFile(Root, "folder/deep", "deep content");
        Assert.Equal(WasiErrno.None, _guest.Symlink("folder", Root, "to-folder"));
        Assert.Equal(WasiErrno.None, _guest.Symlink("..", Root, "folder/sub/up"));
        Assert.Equal(WasiErrno.None, _guest.Symlink("to-folder/deep", Root, "second"));
        Assert.Equal(WasiErrno.None, _guest.Symlink(".//second", Root, "chain"));
    }
}
