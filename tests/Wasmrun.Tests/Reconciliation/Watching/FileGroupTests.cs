using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Wasmrun.Manifest.Specs;
using Wasmrun.Reconciliation.Watching;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation.Watching;

public sealed class FileGroupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeFileEvents _files = new();
    private readonly RecordedTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OneSavedFile_IsTakenUpAfterAMoment()
    {
        await ChangeAsync("app.js");
        Assert.DoesNotContain(TimeSpan.FromMilliseconds(100), _time.Pauses);
    }

    [Fact]
    public async Task FileThatWasWrittenBesideAndRenamed_IsOneSavedFile()
    {
        await ChangeAsync(() => _files.Tell(_folder.At("app.js.tmp")), "app.js");
        Assert.DoesNotContain(TimeSpan.FromMilliseconds(100), _time.Pauses);
    }

    [Fact]
    public async Task SeveralSavedFiles_AreWaitedForLonger()
    {
        await ChangeAsync("app.js", "page.js");
        Assert.Contains(TimeSpan.FromMilliseconds(100), _time.Pauses);
    }

    private Task ChangeAsync(params string[] names) => ChangeAsync(() => { }, names);

    /// <summary>Saves the files and lets time pass until they are acted on.</summary>
    private async Task ChangeAsync(Action before, params string[] names)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var acted = new TaskCompletionSource<FileChanges>();
        var group = new FileGroup([new(_folder.Path, WatchAction.Restart, [], [])], _files, _time);
        var running = group.RunAsync(
            (changes, _) =>
            {
                acted.TrySetResult(changes);
                return Task.FromResult(false);
            },
            ending.Token);
        await group.Ready;

        before();
        foreach (var name in names)
        {
            await File.WriteAllTextAsync(_folder.At(name), "two", Token);
        }

        foreach (var name in names)
        {
            _files.Tell(_folder.At(name));
        }

        while (!acted.Task.IsCompleted)
        {
            Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        Assert.Equal(names.Select(_folder.At).Order(StringComparer.Ordinal), (await acted.Task).Paths);
        await ending.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A clock that tells how long it was asked to wait.</summary>
    private sealed class RecordedTime : FakeTimeProvider
    {
        public ConcurrentBag<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Add(dueTime);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
