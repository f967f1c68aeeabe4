using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>
/// Mounts below a writable folder of the host: whatever way a path takes to a mount point, it ends in the mount, and what the host has there is neither seen
/// nor changed, moved or removed.
/// </summary>
public abstract class CoverRules : IDisposable
{
    private const int App = 3;

    private static readonly string[] s_hidden = ["app/conf", "app/sub/inner", "app/sub/own", "app/cache", "app/target", "mounted"];

    private readonly TemporaryFolder _host = new();
    private readonly WasiGuest _guest;
    private readonly int _root;
    private readonly string _before;
    private bool _hostChanges;

    private protected CoverRules(Backing backing)
    {
        Write("mounted/c", "mounted");
        Write("mounted/deep/d", "mounted");
        Write("own/file", "own");
        Write("secret", "mounted");
        foreach (var place in new[] { "conf", "sub/inner", "sub/own", "cache", "target" })
        {
            Write($"app/{place}/c", "hidden");
            Write($"app/{place}/deep/d", "hidden");
        }

        Write("app/.env", "hidden");
        Write("app/file", "file");
        Write("app/sub/x", "file");
        Directory.CreateDirectory(_host.Sub("app", "plain", "empty"));
        foreach (var (place, target) in new[]
        {
            ("self", "."), ("l", "conf"), ("ll", "plain/l"), ("plain/l", "../conf"), ("sub/up", ".."), ("ls", "sub"), ("linked", "target"), ("env", ".env"), ("lc", "conf/c"),
        })
        {
            File.CreateSymbolicLink(_host.Sub("app", place), target);
        }

        _before = Hidden();
        _guest = new(
            MountedGuest.ResolverOf(backing),
            new GuestMount.Host("/app", _host.Sub("app"), ReadOnly: false),
            ReadOnly("/app/conf"),
            ReadOnly("/app/sub/inner"),
            ReadOnly("/app/none/deep"),
            ReadOnly("/app/linked"),
            new GuestMount.Host("/app/sub/own", _host.Sub("own"), ReadOnly: false),
            new GuestMount.Temporary("/app/cache", 1 << 16),
            new GuestMount.Host("/app/.env", _host.Sub("secret"), ReadOnly: true),
            new GuestMount.Text("/app/new.env", "mounted"u8.ToArray()));
        _root = Enumerable.Range(App, 20).First(fd => _guest.PathStatus(fd, "app/plain", out _) == WasiErrno.None);
    }

    /// <summary>A mount point and a way to it that is not its own, from /app on.</summary>
    public static TheoryData<string, string> Ways => new()
    {
        { "conf", "./conf" },
        { "conf", "plain/../conf" },
        { "conf", "sub/../conf" },
        { "conf", "plain/empty/../../conf" },
        { "conf", "l" },
        { "conf", "ll" },
        { "conf", "plain/l" },
        { "conf", "self/conf" },
        { "conf", "self/self/plain/../conf" },
        { "conf", "self/l" },
        { "conf", "sub/up/conf" },
        { "conf", "ls/up/conf" },
        { "conf", "conf/../plain/../conf" },
        { "conf", "l/../conf" },
        { "sub/inner", "plain/../sub/inner" },
        { "sub/inner", "ls/inner" },
        { "sub/inner", "self/sub/inner" },
        { "sub/inner", "sub/up/sub/inner" },
        { "sub/inner", "self/sub/own/../inner" },
        { "none/deep", "self/none/deep" },
        { "none/deep", "plain/../none/deep" },
        { "linked", "self/linked" },
        { "linked", "target" },
        { "linked", "self/target" },
    };

    /// <summary>A file that is mounted, and a way to it.</summary>
    public static TheoryData<string, string> FileWays => new()
    {
        { ".env", "./.env" },
        { ".env", "plain/../.env" },
        { ".env", "env" },
        { ".env", "self/.env" },
        { ".env", "sub/up/.env" },
        { "new.env", "self/new.env" },
        { "new.env", "plain/../new.env" },
    };

    public void Dispose()
    {
        if (!_hostChanges)
        {
            Assert.Equal(_before, Hidden());
        }

        Assert.False(Path.Exists(_host.Sub("app", "none")));
        Assert.False(Path.Exists(_host.Sub("app", "new.env")));
        _guest.Dispose();
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Way_EndsInTheMount(string place, string way)
    {
        Assert.Equal("mounted", _guest.ReadFile(App, $"{way}/c"));
        Assert.Equal("mounted", _guest.ReadFile(App, $"{way}/deep/d"));
        Assert.Equal("mounted", _guest.ReadFile(_root, $"app/{way}/c"));
        Assert.Equal("mounted", _guest.ReadFile(_guest.OpenFolder(App, way), "c"));
        Assert.Equal("mounted", _guest.ReadFile(_guest.OpenFolder(App, $"{way}/deep"), "d"));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(App, place, out var direct));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(App, way, out var status));
        Assert.Equal((direct.Device, direct.Inode), (status.Device, status.Inode));
        AssertSameAnswers(place, way);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Way_FromAnOpenFolderEndsInTheMount(string place, string way)
    {
        // A link that leads up is one only from a folder further up.
        var split = way is "plain/l" ? -1 : way.LastIndexOf('/');
        if (split < 0)
        {
            way = $"self/{way}";
            split = "self".Length;
        }

        var folder = _guest.OpenFolder(App, way[..split]);
        var name = way[(split + 1)..];
        Assert.Equal("mounted", _guest.ReadFile(folder, $"{name}/c"));
        Assert.True(IsLink(way) || _guest.Rename(folder, name, App, "moved") != WasiErrno.None);
        Assert.NotEqual(WasiErrno.None, _guest.OnPath("path_unlink_file", folder, $"{name}/c"));
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(folder, $"{name}/made", out _, OpenFlags.Create, Rights.Write));
        Assert.Equal("mounted", _guest.ReadFile(App, $"{place}/c"));
    }

    [Theory]
    [MemberData(nameof(FileWays))]
    public void Way_EndsInTheMountedFile(string place, string way)
    {
        Assert.Equal("mounted", _guest.ReadFile(App, way));
        Assert.Equal("mounted", _guest.ReadFile(_root, $"app/{way}"));
        if (way != "env")
        {
            AssertSameAnswers(place, way);
        }

        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(App, way, out _, OpenFlags.None, Rights.Write));
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(App, way, out _, OpenFlags.Truncate, Rights.Write));
        Assert.Equal(WasiErrno.ENOTDIR, _guest.TryOpen(App, $"{way}/", out _));
        Assert.Equal(WasiErrno.ENOTDIR, _guest.TryOpen(App, $"{way}/../file", out _));
    }

    [Theory]
    [InlineData("sub")]
    [InlineData("self/sub")]
    [InlineData("plain/../sub")]
    [InlineData("sub/up/sub")]
    [InlineData("self/sub/")]
    [InlineData("none")]
    [InlineData("self/none")]
    [InlineData("plain/../none")]
    public void FolderOnTheWay_IsNeitherMovedNorRemovedNorReplaced(string path)
    {
        Assert.NotEqual(WasiErrno.None, _guest.Rename(App, path, App, "moved"));
        Assert.NotEqual(WasiErrno.None, _guest.Rename(App, path, App, "plain/moved"));
        Assert.NotEqual(WasiErrno.None, _guest.Rename(App, "plain/empty", App, path));
        Assert.NotEqual(WasiErrno.None, _guest.OnPath("path_remove_directory", App, path));
        Assert.NotEqual(WasiErrno.None, _guest.OnPath("path_unlink_file", App, path));
        Assert.NotEqual(WasiErrno.None, _guest.OnPath("path_create_directory", App, path));
        Assert.NotEqual(WasiErrno.None, _guest.Symlink("plain", App, path));
        Assert.NotEqual(WasiErrno.None, _guest.Link(App, "file", App, path));
        Assert.NotEqual(WasiErrno.None, _guest.Rename(App, "file", App, path));
        Assert.NotEqual(WasiErrno.None, _guest.TryOpen(App, path, out _, OpenFlags.Create, Rights.Write));
        Assert.True(Directory.Exists(_host.Sub("app", "plain", "empty")));
        Assert.Equal("file", File.ReadAllText(_host.Sub("app", "sub", "x")));
    }

    [Theory]
    [InlineData("sub")]
    [InlineData("sub/")]
    [InlineData("self/sub")]
    [InlineData("self/sub/")]
    [InlineData("plain/../sub")]
    [InlineData("sub/up/sub")]
    [InlineData("conf/../sub")]
    [InlineData("self/conf/../sub")]
    public void FolderOnTheWay_AnswersAsOneThatExistsAndIsInUse(string path)
    {
        var isNew = path.EndsWith('/') ? WasiErrno.EISDIR : WasiErrno.EEXIST;
        foreach (var (folder, way) in new[] { (App, path), (_root, $"app/{path}") })
        {
            AssertExists(folder, way, isNew);
            Assert.Equal(WasiErrno.EEXIST, _guest.Link(App, "file", folder, way));
            Assert.Equal(WasiErrno.EPERM, _guest.Link(folder, way, App, "second"));
            Assert.Equal(WasiErrno.EBUSY, _guest.OnPath("path_remove_directory", folder, way));
            Assert.Equal(WasiErrno.EISDIR, _guest.OnPath("path_unlink_file", folder, way));
            Assert.Equal(WasiErrno.EBUSY, _guest.Rename(folder, way, App, "moved"));
            Assert.Equal(WasiErrno.EBUSY, _guest.Rename(App, "file", folder, way));
            Assert.Equal(WasiErrno.EBUSY, _guest.Rename(App, "plain/empty", folder, way));
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("none/")]
    [InlineData("self/none")]
    [InlineData("plain/../none")]
    public void FolderOnTheWay_ThatTheHostDoesNotHaveExistsToo(string path)
    {
        AssertExists(App, path, WasiErrno.EEXIST);
        AssertExists(_root, $"app/{path}", WasiErrno.EEXIST);
        Assert.Equal(WasiErrno.EROFS, _guest.OnPath("path_remove_directory", App, path));
        Assert.Equal(WasiErrno.EROFS, _guest.OnPath("path_create_directory", App, $"{path}/new"));
    }

    [Theory]
    [InlineData("plain/..")]
    [InlineData("sub/..")]
    [InlineData("sub/inner/..")]
    [InlineData("self/sub/inner/../")]
    [InlineData("conf/..")]
    [InlineData("conf/deep/..")]
    [InlineData("plain/empty/..")]
    public void FolderAbove_IsNeverEmpty(string path)
    {
        // What is mounted read-only is not asked whether it is empty.
        var expected = path is "conf/deep/.." ? WasiErrno.EROFS : WasiErrno.ENOTEMPTY;
        Assert.Equal(expected, _guest.OnPath("path_remove_directory", App, path));
        Assert.Equal(expected, _guest.OnPath("path_remove_directory", _root, $"app/{path}"));
        AssertExists(App, path.TrimEnd('/'), WasiErrno.EEXIST);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("self/.")]
    [InlineData("plain/.")]
    [InlineData("self/sub/.")]
    public void Dot_IsNoNameThatCouldBeRemoved(string path)
    {
        Assert.Equal(WasiErrno.EINVAL, _guest.OnPath("path_remove_directory", App, path));
        AssertExists(App, path, WasiErrno.EEXIST);
    }

    [Fact]
    public void FolderOnTheWay_IsWrittenToByEveryWay()
    {
        foreach (var way in new[] { "sub", "self/sub", "ls", "plain/../sub" })
        {
            _guest.WriteFile(App, $"{way}/made", way);
            Assert.Equal(way, File.ReadAllText(_host.Sub("app", "sub", "made")));
            Assert.Equal(WasiErrno.None, _guest.Rename(App, $"{way}/made", App, "plain/made"));
            Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", App, "self/plain/made"));
            var folder = _guest.OpenFolder(App, way);
            Assert.Equal("mounted", _guest.ReadFile(folder, "inner/c"));
            Assert.Equal("mounted", _guest.ReadFile(folder, "own/../inner/c"));
            Assert.Equal(WasiErrno.EPERM, _guest.TryOpen(folder, "../file", out _));
        }
    }

    [Fact]
    public void WritableMount_IsWrittenToByEveryWay()
    {
        foreach (var way in new[] { "self/sub/own", "ls/own", "plain/../sub/own" })
        {
            _guest.WriteFile(App, $"{way}/made", way);
            Assert.Equal(way, File.ReadAllText(_host.Sub("own", "made")));
            Assert.Equal(WasiErrno.None, _guest.Rename(App, $"{way}/made", App, "sub/own/other"));
            Assert.Equal(WasiErrno.None, _guest.Rename(App, "sub/own/other", App, $"{way}/again"));
            Assert.Equal(WasiErrno.None, _guest.Link(App, $"{way}/again", App, $"{way}/second"));
            Assert.Equal(WasiErrno.EXDEV, _guest.Rename(App, $"{way}/again", App, "made"));
            Assert.Equal(WasiErrno.EXDEV, _guest.Rename(App, "file", App, $"{way}/moved"));
            Assert.Equal(WasiErrno.EXDEV, _guest.Link(App, "file", App, $"{way}/moved"));
            Assert.Equal(WasiErrno.None, _guest.OnPath("path_create_directory", App, $"{way}/folder"));
            Assert.Equal(WasiErrno.None, _guest.OnPath("path_remove_directory", App, $"{way}/folder"));
            Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", App, $"{way}/again"));
            Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", App, $"{way}/second"));
        }

        Assert.Equal([_host.Sub("own", "file")], Directory.GetFileSystemEntries(_host.Sub("own")));
    }

    [Fact]
    public void TemporaryMount_IsReachedByEveryWay()
    {
        foreach (var way in new[] { "cache", "self/cache", "sub/../cache", "sub/up/cache" })
        {
            Assert.Equal(WasiErrno.ENOENT, _guest.TryOpen(App, $"{way}/c", out _));
            _guest.WriteFile(App, $"{way}/made", way);
            Assert.Equal(way, _guest.ReadFile(App, "cache/made"));
            Assert.Equal(WasiErrno.None, _guest.Rename(App, "cache/made", App, $"{way}/moved"));
            Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", App, $"{way}/moved"));
            Assert.NotEqual(WasiErrno.None, _guest.Rename(App, way, App, "moved"));
        }
    }

    [Fact]
    public void LinkThatTheGuestMakes_LeadsToTheMount()
    {
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_create_directory", App, "made"));
        Assert.Equal(WasiErrno.None, _guest.Symlink("../sub/up", App, "made/up"));
        Assert.Equal("mounted", _guest.ReadFile(App, "made/up/conf/c"));
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(App, "made/up/conf/c", out _, OpenFlags.Truncate, Rights.Write));
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(App, "lc", out _, OpenFlags.Create | OpenFlags.Truncate, Rights.Write));
        Assert.Equal(WasiErrno.None, _guest.Symlink(".env", App, "made/env"));
        Assert.Equal(WasiErrno.None, _guest.Rename(App, "made/env", App, "self/env2"));
        Assert.Equal("mounted", _guest.ReadFile(App, "env2"));
    }

    [Fact]
    public void FolderOfTheHost_IsHiddenWhereverTheHostMovesIt()
    {
        _hostChanges = true;
        HostCalls.Move(_host.Sub("app", "conf"), _host.Sub("app", "plain", "moved"));
        Assert.Equal("mounted", _guest.ReadFile(App, "plain/moved/c"));
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(App, "plain/moved/c", out _, OpenFlags.Truncate, Rights.Write));
        Assert.NotEqual(WasiErrno.None, _guest.Rename(App, "plain/moved", App, "elsewhere"));
        Assert.Equal("hidden", File.ReadAllText(_host.Sub("app", "plain", "moved", "c")));
        HostCalls.Move(_host.Sub("app", "sub"), _host.Sub("app", "plain", "sub"));
        Assert.Equal(WasiErrno.EBUSY, _guest.OnPath("path_remove_directory", App, "plain/sub"));
        Assert.Equal(WasiErrno.EBUSY, _guest.Rename(App, "plain/sub", App, "elsewhere"));
        AssertExists(App, "plain/sub", WasiErrno.EEXIST);
    }

    [Fact]
    public void FolderOfTheHost_ThatIsNewIsHidden()
    {
        _hostChanges = true;
        HostCalls.Move(_host.Sub("app", "sub"), _host.Sub("old"));
        var held = _guest.OpenFolder(App, "plain");
        Directory.CreateDirectory(_host.Sub("app", "plain", "inner"));
        HostCalls.Move(_host.Sub("app", "plain"), _host.Sub("app", "sub"));
        foreach (var (folder, path) in new[] { (App, "sub/inner"), (App, "self/sub/inner"), (held, "inner"), (held, "./inner") })
        {
            Assert.Equal("mounted", _guest.ReadFile(folder, $"{path}/c"));
            Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(folder, $"{path}/made", out _, OpenFlags.Create, Rights.Write));
            Assert.NotEqual(WasiErrno.None, _guest.Rename(folder, path, App, "moved"));
        }

        Assert.Empty(Directory.GetFileSystemEntries(_host.Sub("app", "sub", "inner")));
    }

    [Fact]
    public void FileOfTheHost_WithASecondNameIsHidden()
    {
        HostCalls.HardLink(_host.Sub("app", ".env"), _host.Sub("app", "second"));
        Assert.Equal("mounted", _guest.ReadFile(App, "second"));
        Assert.Equal(WasiErrno.EROFS, _guest.TryOpen(App, "second", out _, OpenFlags.Create | OpenFlags.Truncate, Rights.Write));
        Assert.Equal(WasiErrno.EROFS, _guest.Link(App, "self/.env", App, "third"));
    }

    [Fact]
    public void Names_ThatOnlyLookAlikeAreOrdinary()
    {
        _guest.WriteFile(App, "plain/conf", "file");
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_create_directory", App, "plain/inner"));
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_create_directory", App, "sub/none"));
        Assert.Equal(WasiErrno.None, _guest.Rename(App, "plain/inner", App, "sub/conf"));
        Assert.Equal("file", File.ReadAllText(_host.Sub("app", "plain", "conf")));
    }

    [Fact]
    public void Listing_ByEveryWayShowsTheMounts()
    {
        var direct = Names(_guest.OpenFolder(App, "."));
        Assert.Contains("none", direct);
        Assert.Equal(direct, Names(_guest.OpenFolder(App, "self")));
        Assert.Equal(direct, Names(_guest.OpenFolder(App, "sub/up")));
        Assert.Equal([".", "..", "c", "deep"], Names(_guest.OpenFolder(App, "l")));
    }

    private void AssertExists(int folder, string path, WasiErrno isNew)
    {
        Assert.Equal(isNew, _guest.TryOpen(folder, path, out _, OpenFlags.Create | OpenFlags.Exclusive, Rights.Write));
        Assert.Equal(isNew, _guest.TryOpen(folder, path, out _, OpenFlags.Create | OpenFlags.Exclusive));
        Assert.Equal(WasiErrno.EEXIST, _guest.OnPath("path_create_directory", folder, path));
        Assert.Equal(WasiErrno.EEXIST, _guest.Symlink("plain", folder, path));
    }

    /// <summary>All calls on a path and on what is below it answer the same by every way, and refuse what would change something.</summary>
    private void AssertSameAnswers(string place, string way)
    {
        foreach (var end in new[] { "", "/c", "/made", "/deep", "/deep/d", "/" })
        {
            var isLink = IsLink(way + end);
            Assert.Equal(Answers(place + end, isLink), Answers(way + end, isLink));
        }
    }

    /// <summary>What the calls answer that would change something.</summary>
    /// <param name="following">Only those that follow a link at the end: the others are about the link, which is the guest's.</param>
    private List<string> Answers(string path, bool following)
    {
        List<(string Call, WasiErrno Answer)> answers =
        [
            ("write", _guest.TryOpen(App, path, out _, OpenFlags.None, Rights.Write)),
            ("cut off", _guest.TryOpen(App, path, out _, OpenFlags.Truncate, Rights.Write)),
            ("times", _guest.SetPathTimes(App, path, 1, 1, SetTimesFlags.Modify)),
        ];
        if (!following || !path.EndsWith('/'))
        {
            // With a separator behind it, a link is followed by no call that makes a file.
            answers.Add(("make", _guest.TryOpen(App, path, out _, OpenFlags.Create, Rights.Write)));
        }

        if (!following)
        {
            answers.AddRange(
            [
                ("make new", _guest.TryOpen(App, path, out _, OpenFlags.Create | OpenFlags.Exclusive, Rights.Write)),
                ("folder", _guest.OnPath("path_create_directory", App, path)),
                ("symlink", _guest.Symlink("x", App, path)),
                ("link", _guest.Link(App, path, App, "stolen")),
                ("link to", _guest.Link(App, "file", App, path)),
                ("move to", _guest.Rename(App, "file", App, path)),
                ("move folder to", _guest.Rename(App, "plain/empty", App, path)),
                ("move", _guest.Rename(App, path, App, "stolen")),
                ("unlink", _guest.OnPath("path_unlink_file", App, path)),
                ("remove", _guest.OnPath("path_remove_directory", App, path)),
            ]);
        }

        _guest.Free();
        Assert.DoesNotContain(answers, answer => answer.Answer == WasiErrno.None);
        return [.. answers.Select(answer => $"{answer.Call}: {answer.Answer}")];
    }

    /// <summary>Whether a path is a link's own, which is the guest's to move and remove.</summary>
    private bool IsLink(string path) => !path.Contains("linked", StringComparison.Ordinal) && new FileInfo(_host.Sub("app", path.TrimEnd('/'))).LinkTarget is not null;

    private List<string> Names(int folder) => [.. _guest.List(folder).Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    private GuestMount.Host ReadOnly(string guestPath) => new(guestPath, _host.Sub("mounted"), ReadOnly: true);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_host.Sub(path))!);
        _ = _host.Write(path, text);
    }

    private string Hidden() => string.Join('\n', s_hidden
        .SelectMany(folder => Directory.EnumerateFileSystemEntries(_host.Sub(folder), "*", SearchOption.AllDirectories).Append(_host.Sub(folder)))
        .Append(_host.Sub("app", ".env"))
        .Append(_host.Sub("secret"))
        .Order(StringComparer.Ordinal)
        .Select(path => $"{path} {File.GetLastWriteTimeUtc(path).Ticks} {(File.Exists(path) ? File.ReadAllText(path) : "")}"));
}
