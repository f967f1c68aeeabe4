using Microsoft.Extensions.Time.Testing;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Watching;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation.Watching;

public sealed class StackWatcherTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeFileEvents _files = new();

    /// <summary>Not the runner's, whose grace periods are not to be over before a stop has begun.</summary>
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _ending = new();
    private Runner _runner = null!;
    private Task _watching = Task.CompletedTask;
    private Func<CancellationToken, Task<string?>>? _reapply;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _runner = await Runner.StartAsync(_folder);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.Empty(_files.Watched);
        await _runner.DisposeAsync();
        _ending.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task ChangedModule_ReplacesTheInstance()
    {
        await WatchAsync(Service("web"));
        Write("web.wasm", "two");
        await InstancesAsync(2);
        Assert.Contains("web.wasm changed", await CausesAsync(StackEventKind.FilesChanged));
    }

    [Fact]
    public async Task WatchedServices_HaveSpares_UntilTheWatchEnds()
    {
        await WatchAsync(Service("web"));
        Assert.Equal(["web"], _runner.Host.Spares);

        await _ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watching);

        Assert.Empty(_runner.Host.Spares);
    }

    [Fact]
    public async Task ModuleThatWasWrittenAgainWithTheSameBytes_ReplacesNothing()
    {
        await WatchAsync(Service("web"));
        Write("web.wasm", "one");
        await LookAgainAsync();
        Assert.Single(_runner.Host.Instances);
    }

    [Fact]
    public async Task ChangeThatNobodyTellsOf_IsFoundAllTheSame()
    {
        await WatchAsync(Service("web"));
        await File.WriteAllTextAsync(_folder.At("web.wasm"), "two", Token);
        await InstancesAsync(2);
    }

    [Fact]
    public async Task ManyChangesAtOnce_AreOneReload()
    {
        await WatchAsync(Service("web") with { Watch = [new(_folder.At("src"), WatchAction.Restart, [], [])] });
        var names = Enumerable.Range(0, 20).Select(i => $"{i}.js").ToList();
        names.ForEach(name => Write($"beside/{name}", "one"));

        // In one go, for the watch also looks when nobody has told it anything.
        Directory.Move(_folder.At("beside"), _folder.At("src"));
        names.ForEach(name => _files.Tell(_folder.At($"src/{name}")));

        await InstancesAsync(2);
        await LookAgainAsync();
        Assert.Equal(2, _runner.Host.Instances.Count);
        Assert.Equal(["0.js and 19 more changed"], await CausesAsync(StackEventKind.FilesChanged));
    }

    [Fact]
    public async Task ModuleThatCannotBeLoaded_LeavesTheOldOneServing_AndIsTold()
    {
        await WatchAsync(Service("web"));
        _runner.Host.Broken[_folder.At("web.wasm")] = "it is cut off";
        Write("web.wasm", "tw");
        await Until(async () => (await CausesAsync(StackEventKind.ReloadFailed)).Contains("it is cut off", StringComparer.Ordinal));
        Assert.Equal(ServicePhase.Running, _runner.Status("web").State);
        Assert.Single(_runner.Host.Instances);

        _runner.Host.Broken.Clear();
        Write("web.wasm", "two");
        await InstancesAsync(2);
    }

    [Fact]
    public async Task StoppedService_StaysStopped()
    {
        await WatchAsync(Service("web"));
        await Runner.InTime(_runner.Stack.StopAsync(["web"], gracePeriod: null, Token));
        Write("web.wasm", "two");
        await LookAgainAsync();
        Assert.Single(_runner.Host.Instances);
    }

    [Fact]
    public async Task OnlyNamedServices_AreWatched()
    {
        await _runner.UpAsync(Service("web"), Service("api"));
        Watch("api");
        await Until(() => Task.FromResult(_files.Watched.Count > 0));
        Assert.Equal([_folder.At("api.wasm")], _files.Watched);
    }

    [Fact]
    public async Task Build_RunsBeforeTheFirstStart_WithItsOutputInTheLog()
    {
        await _runner.UpAsync(Service("web") with { Build = new("echo building; touch done", _folder.Path) });
        Assert.True(File.Exists(_folder.At("done")));
        var lines = await _runner.Stack.ReadLogsAsync(new LogQuery(), Token).Select(line => System.Text.Encoding.UTF8.GetString(line.Bytes.Span)).ToListAsync(Token);
        Assert.Contains("building", lines);
    }

    [Fact]
    public async Task FailedFirstBuild_StartsNothing_AndShowsWhatItSaid()
    {
        var result = await _runner.ApplyAsync(Written.Stack(Service("web") with { Build = new("echo cannot find x >&2; exit 3", _folder.Path) }));
        var failure = Assert.Single(Assert.IsType<Wasmrun.Reconciliation.Applying.ApplyResult.ModulesUnusable>(result).Failures);
        Assert.Equal("the build command 'echo cannot find x >&2; exit 3' exited with code 3; its last lines:\n    cannot find x", failure.Message);
        Assert.Empty(_runner.Host.Instances);
    }

    [Fact]
    public async Task ChangedSource_IsBuiltFirst_AndWhatTheBuildWritesTriggersNothing()
    {
        await WatchAsync(Built("cat src.c >> out.txt; date +%N > stamp"));
        Write("source/src.c", "two");
        await InstancesAsync(2);
        await LookAgainAsync();
        await LookAgainAsync();
        Assert.Equal(2, _runner.Host.Instances.Count);
        Assert.Equal(2, (await CausesAsync(StackEventKind.Built)).Count);
    }

    [Fact]
    public async Task FileThatIsEditedAgainWhileItIsBuilt_IsBuiltAgain()
    {
        // The second edit comes from within the build, which is as much "meanwhile" as can be.
        await WatchAsync(Built("grep -q two src.c && echo three > src.c; true"));
        Write("source/src.c", "two");
        await InstancesAsync(3);
        Assert.Equal("three\n", await File.ReadAllTextAsync(_folder.At("source/src.c"), Token));
    }

    [Fact]
    public async Task FailedBuild_LeavesTheOldInstanceServing()
    {
        await WatchAsync(Built("! grep -q broken src.c"));
        Write("source/src.c", "broken");
        await Until(async () => (await CausesAsync(StackEventKind.BuildFailed)).Count == 1);
        await LookAgainAsync();
        Assert.Single(_runner.Host.Instances);
        Assert.Equal(ServicePhase.Running, _runner.Status("web").State);

        Write("source/src.c", "mended");
        await InstancesAsync(2);
    }

    [Fact]
    public async Task ChangedManifest_IsAppliedAgain_AndARejectedOneIsTold()
    {
        var complaints = new Queue<string?>(["line 3 is wrong", null]);
        _reapply = _ => Task.FromResult(complaints.Dequeue());
        await WatchAsync(Service("web"));
        Write("wasmrun-compose.yaml", "two");
        await Until(async () => (await CausesAsync(StackEventKind.ReloadFailed)).Contains("line 3 is wrong", StringComparer.Ordinal));
        Write("wasmrun-compose.yaml", "three");
        await Until(async () => (await CausesAsync(StackEventKind.Updated)).Contains("the manifest was applied", StringComparer.Ordinal));
        Assert.Single(_runner.Host.Instances);
    }

    /// <summary>Built in a folder where nobody but the test and the build writes, unlike the one that holds the runner's logs.</summary>
    private ServiceSpec Built(string command)
    {
        Write("source/src.c", "one");
        return Service("web") with { Build = new(command, _folder.At("source")) };
    }

    private ServiceSpec Service(string name)
    {
        Write($"{name}.wasm", "one");
        return Written.Service(name) with { Module = _folder.At($"{name}.wasm") };
    }

    private async Task WatchAsync(ServiceSpec service)
    {
        Write("wasmrun-compose.yaml", "one");
        var stack = Written.Stack(service) with { Directory = _folder.Path, Files = [_folder.At("wasmrun-compose.yaml")] };
        Assert.IsType<Wasmrun.Reconciliation.Applying.ApplyResult.Applied>(await _runner.ApplyAsync(stack));
        Watch();
        await Until(async () => (await CausesAsync(StackEventKind.Watching)).Count > 0);
    }

    private void Watch(params string[] services) => _watching = new StackWatcher(_runner.Stack, _files, _time).RunAsync(services, _reapply, _ending.Token);

    /// <summary>Writes beside and renames, because who looks without having been told must not find the file while it is empty.</summary>
    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(name))!);
        File.WriteAllText(_folder.At("unfinished"), text);
        File.Move(_folder.At("unfinished"), _folder.At(name), overwrite: true);
        _files.Tell(_folder.At(name));
    }

    private Task InstancesAsync(int count) => Until(() => Task.FromResult(_runner.Host.Instances.Count >= count));

    /// <summary>Until everybody who watches has looked at least once more.</summary>
    private async Task LookAgainAsync()
    {
        var looks = _files.Looks;
        await Until(() => Task.FromResult(_files.Looks >= looks + (2 * _files.Watched.Count)));
    }

    private async Task<IReadOnlyList<string>> CausesAsync(StackEventKind kind) =>
        [.. (await _runner.ToldAsync()).Where(told => told.Kind == kind).Select(told => told.Cause)];

    /// <summary>Lets time pass until something is the case.</summary>
    private async Task Until(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            Token.ThrowIfCancellationRequested();
            Assert.False(_watching.IsCompleted && !_ending.IsCancellationRequested && _watching != Task.CompletedTask, $"the watching ended: {_watching.Status} {_watching.Exception}");
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }
}
