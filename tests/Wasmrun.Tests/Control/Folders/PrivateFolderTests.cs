using System.Diagnostics;
using Wasmrun.Control.Folders;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Control.Folders;

public sealed class PrivateFolderTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly string _path;

    public PrivateFolderTests() => _path = Path.Combine(_project.Root, "folder");

    public void Dispose() => _project.Dispose();

    [Fact]
    public void NewFolder_IsForItsOwnerAlone()
    {
        PrivateFolder.Ensure(_path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void Rejects_FolderThatOthersMayWriteTo()
    {
        Directory.CreateDirectory(_path);
        File.SetUnixFileMode(_path, File.GetUnixFileMode(_path) | UnixFileMode.OtherWrite);
        var error = Assert.Throws<UntrustedFolderException>(() => PrivateFolder.Ensure(_path));
        Assert.Contains($"chmod 700 {_path}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_LinkEvenToAFolderOfTheUser()
    {
        var target = Directory.CreateDirectory(Path.Combine(_project.Root, "target"));
        Directory.CreateSymbolicLink(_path, target.FullName);
        var error = Assert.Throws<UntrustedFolderException>(() => PrivateFolder.Ensure(_path));
        Assert.Contains("symbolic link", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_FolderOfAnotherUser()
    {
        // What every system has belongs to root; where root runs the tests, a folder is given away.
        var foreign = "/usr";
        if (Libc.GetEffectiveUserId() == 0)
        {
            foreign = Directory.CreateDirectory(_path).FullName;
            using var chown = Process.Start("chown", ["65534", foreign]);
            await chown.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var error = Assert.Throws<UntrustedFolderException>(() => PrivateFolder.Verify(foreign));
        Assert.Contains("belongs to another user", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_FileInItsPlace()
    {
        File.WriteAllText(_path, string.Empty);
        var error = Assert.Throws<UntrustedFolderException>(() => PrivateFolder.Ensure(_path));
        Assert.Contains("is not a folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FoldersOfKilledRuns_AreRemoved_AndThoseOfOthersStay()
    {
        var (own, running, killed) = (new ProjectFolder(_project.Folders, "own"), new ProjectFolder(_project.Folders, "running"), new ProjectFolder(_project.Folders, "killed"));
        using var lockOfOwn = ProjectLock.TryTake(own);
        using var lockOfRunning = ProjectLock.TryTake(running);
        foreach (var folder in new[] { own, running, killed })
        {
            folder.Ensure();
        }

        own.RemoveAbandoned();

        Assert.Equal(["own", "running"], ProjectFolder.FindAll(_project.Folders));
    }

    [Fact]
    public void ClosedFolder_IsTakenFromEverybodyElse()
    {
        Directory.CreateDirectory(_path);
        File.SetUnixFileMode(_path, (UnixFileMode)0b111_101_101);
        PrivateFolder.EnsureClosed(_path);
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void ProjectFolder_RejectsSocketPathThatTheSystemCannotTake()
    {
        var folders = _project.Folders with { Runtime = Path.Combine(_project.Root, new string('x', 90)) };
        var error = Assert.Throws<UntrustedFolderException>(() => new ProjectFolder(folders, "shop").Ensure());
        Assert.Contains("WASMRUN_RUNTIME_DIR", error.Message, StringComparison.Ordinal);
    }
}
