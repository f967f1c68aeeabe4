using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Running;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Cli.Running;

/// <summary>How long a run that is over waits for whoever reads its output.</summary>
public sealed class LastWordsTests
{
    private readonly ObservedTime _time = new();
    private readonly FakeTermination _termination = new();
    private readonly TaskCompletionSource _shown = new();
    private readonly TaskCompletionSource _askedElsewhere = new();
    private readonly Sink _sink = new();
    private readonly LogPump _pump;

    public LastWordsTests() => _pump = new(_sink, _time);

    private LastWords Words => new(_pump, _termination, _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunThatEndedByItself_WaitsForItsReader()
    {
        var waiting = Words.WaitAsync(_shown.Task, _askedElsewhere.Task);

        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(waiting.IsCompleted);
        _shown.SetResult();

        Assert.True(await waiting);
    }

    [Fact]
    public async Task RunThatWasAskedToEnd_WaitsWhileTheReaderReads()
    {
        _termination.Request();
        var waiting = Words.WaitAsync(_shown.Task, _askedElsewhere.Task);
        for (var piece = 0; piece < 3; piece++)
        {
            var delay = await _time.NextDelayAsync();
            _time.Advance(delay / 2);
            _sink.LastTaken = _time.GetTimestamp();
            _time.Advance(delay / 2);
        }

        await _time.HasDelayAsync();
        Assert.False(waiting.IsCompleted);
        await _time.PassDelayAsync();

        Assert.False(await waiting);
    }

    [Fact]
    public async Task ReaderWhoHadLeftOffBefore_IsHardlyWaitedFor()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        _termination.Request();
        var waiting = Words.WaitAsync(_shown.Task, _askedElsewhere.Task);

        Assert.Equal(TimeSpan.FromMilliseconds(26), await _time.PassDelayAsync());
        Assert.False(await waiting);
    }

    [Fact]
    public async Task ReaderWhoHadLeftOff_IsHardlyWaitedFor_WhoeverAskedForTheEnd()
    {
        var waiting = Words.WaitAsync(_shown.Task, _askedElsewhere.Task);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(waiting.IsCompleted);
        _askedElsewhere.SetResult();

        Assert.Equal(TimeSpan.FromMilliseconds(26), await _time.PassDelayAsync());
        Assert.False(await waiting);
    }

    [Fact]
    public async Task ReaderWhoHadLeftOff_AndBeginsAgain_IsWaitedFor()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        _termination.Request();
        var waiting = Words.WaitAsync(_shown.Task, _askedElsewhere.Task);
        await _time.HasDelayAsync();
        _sink.LastTaken = _time.GetTimestamp();
        await _time.PassDelayAsync();

        Assert.Equal(TimeSpan.FromMilliseconds(475), await _time.PassDelayAsync());
        Assert.False(await waiting);
    }

    [Fact]
    public async Task ReaderWhoHasReadAll_IsNotBlamedForARunnerThatIsSlowToEnd()
    {
        await _pump.RunAsync(OneLine(), Token);
        _termination.Request();
        var waiting = Words.WaitAsync(_shown.Task, _askedElsewhere.Task);
        for (var pause = 0; pause < 3; pause++)
        {
            await _time.HasDelayAsync();
            await _time.PassDelayAsync();
        }

        await _time.HasDelayAsync();
        _shown.SetResult();

        Assert.True(await waiting);
    }

    [Fact]
    public async Task RunnerThatDoesNotEnd_IsNotWaitedForWithoutEnd()
    {
        await _pump.RunAsync(OneLine(), Token);
        _termination.Request();
        var waiting = Words.WaitAsync(_shown.Task, _askedElsewhere.Task);
        for (var pause = 0; pause < 10; pause++)
        {
            await _time.HasDelayAsync();
            await _time.PassDelayAsync();
        }

        Assert.False(await waiting);
    }

    [Fact]
    public async Task SecondRequest_WaitsForNobody()
    {
        var waiting = Words.WaitAsync(_shown.Task, _askedElsewhere.Task);

        _termination.Request();
        _termination.Insist();

        Assert.False(await waiting);
    }

    private static IAsyncEnumerable<LogLine> OneLine() =>
        new[] { new LogLine(default, "web", "web-1", 1, GuestStream.Output, "line"u8.ToArray(), Terminated: true) }.ToAsyncEnumerable();

    private sealed class Sink : ILineSink
    {
        public long LastTaken { get; set; }

        public void Add(LogLine line)
        {
        }

        public void Flush()
        {
        }
    }
}
