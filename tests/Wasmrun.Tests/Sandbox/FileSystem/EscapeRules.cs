using Wasmrun.Sandbox;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>
/// Attempts to leave a mounted folder, by dots, absolute paths, and links planted by the guest or the host. Beside the
/// mount lies a secret, and no call may read it, change it, or tell that it is there.
/// </summary>
public abstract class EscapeRules : IDisposable
{
    private const int Root = MountedGuest.Root;
    private const string Secret = "the secret";

    private readonly TemporaryFolder _host = new();
    private readonly IPathResolver _resolver;
    private readonly WasiGuest _guest;

    private protected EscapeRules(Backing backing, string mountPath)
    {
        Directory.CreateDirectory(_host.Sub("mount", "folder", "sub"));
        Directory.CreateDirectory(_host.Sub("outside", "empty"));
        File.WriteAllText(_host.Sub("outside", "secret"), Secret);
        File.WriteAllText(_host.Sub("secret"), Secret);
        File.WriteAllText(_host.Sub("mount", "file"), "inside");
        _resolver = MountedGuest.ResolverOf(backing);
        _guest = new(_resolver, [new GuestMount.Host(mountPath, _host.Sub("mount"), ReadOnly: false), .. MountedGuest.Below(backing, mountPath)]);
    }

    /// <summary>Paths that lead out of the mount by dots alone.</summary>
    public static TheoryData<string> DotPaths =>
    [
        "..",
        "../",
        "../secret",
        "./../secret",
        "folder/../../secret",
        "folder/../../outside/secret",
        "folder/sub/../../../secret",
        "folder/./sub/.././../../secret",
        "folder//..//..//secret",
        "../mount/file",
        "folder/../../mount/file",
        "../../../../../../../../../../../../etc/passwd",
    ];

    /// <summary>Targets of links that lead out of the mount.</summary>
    public static TheoryData<string> LinkTargets =>
    [
        "..",
        "../",
        "../secret",
        "../outside/secret",
        "folder/../../secret",
        "./folder/sub/../../../secret",
        "../mount/file",
        "../../../../../../../../../../../../etc/passwd",
    ];

    public void Dispose()
    {
        Assert.Equal(Secret, File.ReadAllText(_host.Sub("secret")));
        Assert.Equal(Secret, File.ReadAllText(_host.Sub("outside", "secret")));
        Assert.Equal([_host.Sub("outside", "empty"), _host.Sub("outside", "secret")], Directory.GetFileSystemEntries(_host.Sub("outside")).Order(StringComparer.Ordinal));
        Assert.Equal([_host.Sub("mount"), _host.Sub("outside"), _host.Sub("secret")], Directory.GetFileSystemEntries(_host.Path).Order(StringComparer.Ordinal));
        _guest.Dispose();
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(DotPaths))]
    public void Dots_NeverLeadOutWhateverTheCall(string path)
    {
        AssertNoWayOut(Root, path);
        Assert.Equal(WasiErrno.EPERM, _guest.TryOpen(Root, path, out _));
        Assert.Equal(WasiErrno.EPERM, _guest.PathStatus(Root, path, out _));
    }

    [Theory]
    [MemberData(nameof(DotPaths))]
    public void Dots_NeverLeadOutOfAFolderThatTheGuestOpened(string path)
    {
        var folder = _guest.OpenFolder(Root, "folder");
        AssertNoWayOut(folder, path.Replace("folder/", "sub/", StringComparison.Ordinal).Replace("sub/sub/", "sub/../sub/", StringComparison.Ordinal));
        AssertNoWayOut(folder, "../file");
        AssertNoWayOut(folder, "sub/../../file");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/file")]
    [InlineData("//file")]
    [InlineData("/etc/passwd")]
    [InlineData("/proc/self/environ")]
    public void AbsolutePath_IsNoPathOfAFolder(string path) => AssertNoWayOut(Root, path);

    [Fact]
    public void AbsolutePath_OfTheMountItselfOnTheHostIsRefused() => AssertNoWayOut(Root, _host.Sub("mount", "file"));

    [Theory]
    [MemberData(nameof(LinkTargets))]
    public void GuestLink_NeverLeadsOut(string target)
    {
        Assert.Equal(WasiErrno.None, _guest.Symlink(target, Root, "link"));
        AssertLinkLeadsNowhere();
    }

    [Theory]
    [MemberData(nameof(LinkTargets))]
    public void HostLink_NeverLeadsOut(string target)
    {
        File.CreateSymbolicLink(_host.Sub("mount", "link"), target);
        AssertLinkLeadsNowhere();
    }

    [Fact]
    public void HostLink_WithAnAbsoluteTargetNeverLeadsOut()
    {
        foreach (var target in new[] { _host.Sub("secret"), _host.Sub("mount", "file"), "/", "/etc/passwd", "/proc/self/root/etc/passwd", "/proc/self/cwd" })
        {
            File.CreateSymbolicLink(_host.Sub("mount", "link"), target);
            AssertLinkLeadsNowhere();
            File.Delete(_host.Sub("mount", "link"));
        }
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/")]
    public void GuestLink_WithAnAbsoluteTargetIsNotMade(string target)
    {
        Assert.Equal(WasiErrno.EPERM, _guest.Symlink(target, Root, "link"));
        Assert.False(Path.Exists(_host.Sub("mount", "link")));
    }

    [Fact]
    public void Link_BehindALinkNeverLeadsOut()
    {
        Assert.Equal(WasiErrno.None, _guest.Symlink("../..", Root, "folder/up"));
        Assert.Equal(WasiErrno.None, _guest.Symlink("folder/up", Root, "link"));
        AssertLinkLeadsNowhere();
        AssertNoWayOut(Root, "folder/up/secret");
    }

    [Fact]
    public void Link_ThatLeadsOutAndBackInIsRefused()
    {
        Assert.Equal(WasiErrno.None, _guest.Symlink("../mount", Root, "link"));
        AssertLinkLeadsNowhere();
        Assert.Equal(WasiErrno.EPERM, _guest.TryOpen(Root, "link/file", out _));
    }

    [Fact]
    public void Link_ItselfCanBeReadMovedAndRemoved()
    {
        File.CreateSymbolicLink(_host.Sub("mount", "link"), _host.Sub("secret"));
        Assert.Equal(WasiErrno.None, _guest.ReadLink(Root, "link", 4096, out var target));
        Assert.Equal(_host.Sub("secret"), target);
        Assert.Equal(WasiErrno.None, _guest.Rename(Root, "link", Root, "moved"));
        Assert.Equal(WasiErrno.None, _guest.SetPathTimes(Root, "moved", 1, 1, SetTimesFlags.Modify, follow: false));
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", Root, "moved"));
    }

    [Fact]
    public void HardLink_OfALinkIsALinkAndLeadsNowhere()
    {
        File.CreateSymbolicLink(_host.Sub("mount", "planted"), _host.Sub("secret"));
        Assert.Equal(WasiErrno.None, _guest.Link(Root, "planted", Root, "link"));
        AssertLinkLeadsNowhere();
    }

    [Fact]
    public void ProcessLinks_AreNotFollowed()
    {
        using var guest = new WasiGuest(options => options with
        {
            Mounts = [new GuestMount.Host("/data", "/proc/self", ReadOnly: true)],
            Resolver = _resolver,
        });
        foreach (var path in new[] { "root", "cwd", "exe", "root/etc/passwd", "cwd/..", "fd/0", "fd/1", "task/../root/etc" })
        {
            Assert.NotEqual(WasiErrno.None, guest.TryOpen(Root, path, out _));
            Assert.NotEqual(WasiErrno.None, guest.PathStatus(Root, path, out _));
            Assert.NotEqual(WasiErrno.None, guest.TryOpen(Root, path, out _, OpenFlags.Directory, Rights.ReadDirectory));
        }
    }

    /// <summary>Tries the link in the mount as a file, as a folder, and as the way to one.</summary>
    private void AssertLinkLeadsNowhere()
    {
        AssertNoAccess(Root, "link");
        AssertNoAccess(Root, "link/");
        foreach (var path in new[] { "link/secret", "link/outside/secret", "link/.", "link/..", "folder/../link/secret" })
        {
            AssertNoWayOut(Root, path);
        }
    }

    /// <summary>Tries everything a path can be used for.</summary>
    private void AssertNoWayOut(int folder, string path)
    {
        AssertNoAccess(folder, path);
        AssertRefused(_guest.PathStatus(folder, path, out _, follow: false), path);
        AssertRefused(_guest.TryOpen(folder, path, out _, follow: false), path);
        AssertRefused(_guest.SetPathTimes(folder, path, 1, 1, SetTimesFlags.Modify, follow: false), path);
        AssertRefused(_guest.ReadLink(folder, path, 64, out _), path);
        AssertRefused(_guest.OnPath("path_create_directory", folder, path), path);
        AssertRefused(_guest.OnPath("path_remove_directory", folder, path), path);
        AssertRefused(_guest.OnPath("path_unlink_file", folder, path), path);
        AssertRefused(_guest.Symlink("x", folder, path), path);
        AssertRefused(_guest.Rename(Root, "file", folder, path), path);
        AssertRefused(_guest.Rename(folder, path, Root, "stolen"), path);
        AssertRefused(_guest.Link(Root, "file", folder, path), path);
        AssertRefused(_guest.Link(folder, path, Root, "stolen"), path);
        Assert.False(Path.Exists(_host.Sub("mount", "stolen")));
        Assert.Equal("inside", File.ReadAllText(_host.Sub("mount", "file")));
        _guest.Free();
    }

    /// <summary>Tries to reach what the path leads to, links followed.</summary>
    private void AssertNoAccess(int folder, string path)
    {
        AssertRefused(_guest.TryOpen(folder, path, out _), path);
        AssertRefused(_guest.TryOpen(folder, path, out _, OpenFlags.Directory, Rights.Directory), path);
        AssertRefused(_guest.TryOpen(folder, path, out _, OpenFlags.Create, Rights.Write), path);
        AssertRefused(_guest.TryOpen(folder, path, out _, OpenFlags.Create | OpenFlags.Exclusive, Rights.Write), path);
        AssertRefused(_guest.TryOpen(folder, path, out _, OpenFlags.Truncate, Rights.Write), path);
        AssertRefused(_guest.PathStatus(folder, path, out _), path);
        AssertRefused(_guest.SetPathTimes(folder, path, 1, 1, SetTimesFlags.Access | SetTimesFlags.Modify), path);
    }

    private static void AssertRefused(WasiErrno result, string path) => Assert.True(result != WasiErrno.None, $"{path} led out");
}
