using Microsoft.Extensions.Time.Testing;
using Wasmrun.Control.Client;
using Wasmrun.Control.Folders;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Control.Client;

public sealed class RunnerFinderTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly RunnerFinder _finder = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task WithoutRunner_ThereIsNone_AndNothingIsCreated()
    {
        Assert.Null(await _finder.FindAsync(_project.Folder, Token));
        Assert.False(Directory.Exists(_project.Folders.Runtime));
    }

    [Fact]
    public async Task RunningOne_IsFound()
    {
        await using var server = await RunningServer.StartAsync(_project.Folder, new FakeStack(), Token);
        using var found = await _finder.FindAsync(_project.Folder, Token);
        Assert.Equal("shop", found!.Project.Name);
    }

    [Fact]
    public async Task SocketOfAKilledRunner_IsCleanedUp()
    {
        // What is left after kill -9: the files, but neither the lock nor anybody who listens.
        _project.Folder.Ensure();
        await File.WriteAllTextAsync(_project.Folder.SocketPath, string.Empty, Token);
        Assert.Null(await _finder.FindAsync(_project.Folder, Token));
        Assert.False(Directory.Exists(_project.Folder.Runtime));
    }

    [Fact]
    public async Task StartingRunner_IsWaitedFor()
    {
        var taken = ProjectLock.TryTake(_project.Folder)!;
        _project.Folder.Ensure();
        var finding = _finder.FindAsync(_project.Folder, Token);
        Assert.False(finding.IsCompleted);

        // The lock changes hands inside this process; for the finder it is the same runner.
        taken.Dispose();
        await using var server = await RunningServer.StartAsync(_project.Folder, new FakeStack(), Token);
        using var found = await finding;
        using var again = found ?? await _finder.FindAsync(_project.Folder, Token);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task RunnerThatNeverAnswers_IsReportedWithItsFiles()
    {
        using var taken = ProjectLock.TryTake(_project.Folder);
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(10) };
        var error = await Assert.ThrowsAsync<RunnerSilentException>(() => Advance(time, new RunnerFinder(time).FindAsync(_project.Folder, Token)));
        Assert.Contains(_project.Folder.LockPath, error.Message, StringComparison.Ordinal);
        Assert.Contains(_project.Folder.RunnerLogPath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_FolderThatSomebodyElseCouldAnswerFrom()
    {
        _project.Folder.Ensure();
        File.SetUnixFileMode(_project.Folders.Runtime, (UnixFileMode)0b111_111_111);
        await Assert.ThrowsAsync<UntrustedFolderException>(() => _finder.FindAsync(_project.Folder, Token));
    }

    [Fact]
    public async Task Gone_IsARunnerWhoseLockIsFreeAndWhoseProcessEnded()
    {
        using (ProjectLock.TryTake(_project.Folder))
        {
            Assert.False(await _finder.WaitUntilGoneAsync(_project.Folder, int.MaxValue, TimeSpan.Zero, Token));
        }

        Assert.True(await _finder.WaitUntilGoneAsync(_project.Folder, int.MaxValue, TimeSpan.Zero, Token));
        Assert.False(await _finder.WaitUntilGoneAsync(_project.Folder, Environment.ProcessId, TimeSpan.Zero, Token));
    }

    private static async Task<T> Advance<T>(FakeTimeProvider time, Task<T> task)
    {
        while (!task.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        return await task;
    }
}
