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
    public async Task OneSavedFile_IsTakenUpAfterAMoment() => Assert.Equal(TimeSpan.FromMilliseconds(20), await ChangeAsync("app.js"));

    [Fact]
    public async Task FileThatWasWrittenBesideAndRenamed_IsOneSavedFile() =>
        Assert.Equal(TimeSpan.FromMilliseconds(20), await ChangeAsync(() => _files.Tell(_folder.At("app.js.tmp")), "app.js"));

    [Fact]
    public async Task FileThatIsToldOfSeveralTimesAtOnce_IsWaitedForOnce() =>
        Assert.Equal(TimeSpan.FromMilliseconds(20), await ChangeAsync(() => Array.ForEach(["app.js", "app.js"], name => _files.Tell(_folder.At(name))), "app.js"));

    [Fact]
    public async Task SeveralSavedFiles_AreWaitedForLonger() => Assert.Equal(TimeSpan.FromMilliseconds(100), await ChangeAsync("app.js", "page.js"));

    private Task<TimeSpan> ChangeAsync(params string[] names) => ChangeAsync(() => { }, names);

    /// <summary>Saves the files and lets time pass until they are acted on.</summary>
    /// <returns>How long that was.</returns>
    private async Task<TimeSpan> ChangeAsync(Action before, params string[] names)
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

        var waited = TimeSpan.Zero;
        while (!acted.Task.IsCompleted)
        {
            Token.ThrowIfCancellationRequested();
            if (_time.Pauses.TryTake(out var pause))
            {
                waited += pause;
                _time.Advance(pause);
            }

            await Task.Yield();
        }

        Assert.Equal(names.Select(_folder.At).Order(StringComparer.Ordinal), (await acted.Task).Paths);
        await ending.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return waited;
    }

    /// <summary>A clock that tells how long it is asked to wait, but for the looks that come now and then without a reason.</summary>
    private sealed class RecordedTime : FakeTimeProvider
    {
        private static readonly TimeSpan s_long = TimeSpan.FromSeconds(1);

        public ConcurrentBag<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime < s_long)
            {
                Pauses.Add(dueTime);
            }

            return timer;
        }
    }
}
