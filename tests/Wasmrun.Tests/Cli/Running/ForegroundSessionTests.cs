using Microsoft.Extensions.Time.Testing;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Running;
using Wasmrun.Control.Api;
using Wasmrun.Manifest.Loading;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Running;

/// <summary>On a clock that stands, except where it has to go on, so that nothing is left unsaid because it took too long.</summary>
public sealed class ForegroundSessionTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly FakeStack _stack = new();
    private readonly FakeTermination _termination = new();
    private readonly TaskCompletionSource _runnerEnds = new();
    private readonly CliRun _run;

    public ForegroundSessionTests()
    {
        _run = new CliRun(_project) { Time = new FakeTimeProvider() };
        _stack.Services.Add(FakeStack.Status("web", ServicePhase.Running, new Publisher("127.0.0.1", 3000, 8080, "tcp")));
        _stack.Services.Add(FakeStack.Status("job"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task StartedStack_SaysWhereItIsReached_AndHowToStopIt()
    {
        var session = StartAsync();
        await Until(() => _run.Error.Text.Contains("Press Ctrl+C to stop", StringComparison.Ordinal));
        Assert.Equal(
            ["shop is up: 2 of 2 services", "  web  http://localhost:8080 -> 3000", "  job  running", "Press Ctrl+C to stop"], _run.Error.Lines);
        _termination.Request();
        Assert.Equal(0, await session);
    }

    [Fact]
    public async Task WatchingThatFails_IsTold_AndTheStackRunsOn()
    {
        _stack.WatchFailure = new UnauthorizedAccessException("the folder may not be read");
        var session = StartAsync(options => options with { Watch = new WatchRequest(Source: null, new ApplyOptions()) });
        await Until(() => _run.Error.Lines.Contains("error: files are no longer watched: the folder may not be read"));
        Assert.False(session.IsCompleted);
        _termination.Request();
        Assert.Equal(0, await session);
    }

    [Fact]
    public async Task FirstCtrlC_StopsInGoodOrder()
    {
        _run.Time = TimeProvider.System;
        var down = new TaskCompletionSource<DownReport>();
        _stack.OnDown = () => down.Task;
        var session = StartAsync();
        await Until(() => _stack.Asked.Contains("wait"));
        _termination.Request();
        await Until(() => _run.Error.Text.Contains("Gracefully stopping... (press Ctrl+C again to force)", StringComparison.Ordinal));
        _stack.Publish(StackEventKind.Stopping, "web");
        _stack.Publish(StackEventKind.Exited, "web", "was stopped", ("exitCode", "143"));
        _stack.Publish(StackEventKind.Stopped, "web");
        await Until(() => _run.Error.Text.Contains("web-1  Stopped", StringComparison.Ordinal));
        Assert.False(session.IsCompleted);
        down.SetResult(new DownReport(["web"], [8080], [], []));
        Assert.Equal(0, await session);
        Assert.Contains("web-1  Stopping", _run.Error.Lines);
        Assert.DoesNotContain("143", _run.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("kill", _stack.Asked);
    }

    [Fact]
    public async Task SecondCtrlC_KillsWhatDoesNotStop_AndExitsWith130()
    {
        var down = new TaskCompletionSource<DownReport>();
        _stack.OnDown = () => down.Task;
        _stack.OnChange = () =>
        {
            down.SetResult(new DownReport(["web"], [], [], []));
            return Task.FromResult<ApplyReply>(FakeStack.Nothing);
        };
        var session = StartAsync();
        await Until(() => _stack.Asked.Contains("wait"));
        _termination.Request();
        await Until(() => _stack.Asked.Contains("down"));
        _termination.Insist();
        Assert.Equal(130, await session);
        Assert.Contains("kill", _stack.Asked);
    }

    [Fact]
    public async Task CtrlCWhileTheStackComesUp_TakesItDown()
    {
        var apply = new TaskCompletionSource<ApplyReply>();
        _stack.OnDown = () =>
        {
            apply.SetResult(new ApplyReply.Abandoned("the stack was taken down"));
            return Task.FromResult(new DownReport([], [], [], []));
        };
        _stack.OnApply = _ => apply.Task;
        var session = StartAsync();
        await Until(() => _stack.Asked.Contains("apply"));
        _termination.Request();
        Assert.Equal(0, await session);
        Assert.DoesNotContain("wait", _stack.Asked);
    }

    [Fact]
    public async Task StackThatCannotBeHad_IsLeftAsItIs()
    {
        _stack.OnApply = _ => Task.FromResult<ApplyReply>(new ApplyReply.UnknownServices(["wbe"], ["web"]));
        Assert.Equal(1, await StartAsync());
        Assert.Equal(["apply"], _stack.Asked);
        Assert.Contains("no such service: wbe", _run.Error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ServicePhase.Exited, 0, 0)]
    [InlineData(ServicePhase.Exited, 3, 1)]
    [InlineData(ServicePhase.Failed, null, 1)]
    [InlineData(ServicePhase.Stopped, 143, 0)]
    public async Task StackThatEndsByItself_EndsTheRun_AndAFailureIsNoSuccess(ServicePhase state, int? code, int exitCode)
    {
        _stack.Services.Clear();
        _stack.Services.Add(FakeStack.Status("job", state) with { ExitCode = code });
        _stack.OnWait = _ => Task.FromResult<WaitResult>(new WaitResult.Reached(new Dictionary<string, int>(StringComparer.Ordinal)));
        Assert.Equal(exitCode, await StartAsync());
        Assert.Contains("down", _stack.Asked);
        Assert.DoesNotContain("Gracefully", _run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GuestsLines_GoToStandardOutput_AndTheRunnersOwnDoNot()
    {
        _run.Time = TimeProvider.System;
        _stack.Log.Add(new LogLine(default, "web", "web-1", 1, GuestStream.Output, "hello"u8.ToArray(), Terminated: true));
        var session = StartAsync();
        await Until(() => _run.Output.Text.Length > 0);
        _stack.Publish(StackEventKind.Exited, "job", "exited with code 3", ("exitCode", "3"));
        await Until(() => _run.Error.Text.Contains("job-1 exited with code 3", StringComparison.Ordinal));
        Assert.Equal("web-1  | hello\n", _run.Output.Text);
        _termination.Request();
        await session;
    }

    [Fact]
    public async Task ClosedOutput_EndsTheRunInGoodOrder()
    {
        _run.Output.Close();
        _stack.Log.Add(new LogLine(default, "web", "web-1", 1, GuestStream.Output, "hello"u8.ToArray(), Terminated: true));
        Assert.Equal(0, await StartAsync());
        Assert.Contains("down", _stack.Asked);
    }

    [Fact]
    public async Task StoppedTerminal_KeepsNobodyFromStoppingTheStack()
    {
        _run.Output.Pause();
        _stack.Log.Add(new LogLine(default, "web", "web-1", 1, GuestStream.Output, "hello"u8.ToArray(), Terminated: true));
        var session = StartAsync();
        await Until(() => _stack.Asked.Contains("wait"));
        _run.Error.Pause();
        _termination.Request();
        await Until(() => _stack.Asked.Contains("down"));
        _termination.Insist();
        Assert.Equal(130, await session);
        _run.Output.Resume();
        _run.Error.Resume();
    }

    [Fact]
    public async Task StackTakenDownByAnotherCommand_EndsTheRun()
    {
        _stack.OnWait = _ => Task.FromException<WaitResult>(new HttpRequestException("gone"));
        _runnerEnds.SetResult();
        Assert.Equal(0, await StartAsync());
        Assert.Contains("the stack was taken down by another command", _run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsLeftBehind_IsSaid()
    {
        _stack.OnDown = () => Task.FromResult(new DownReport([], [], [], ["a listener on port 8080"]));
        _termination.Request();
        await StartAsync();
        Assert.Contains("error: left behind: a listener on port 8080", _run.Error.Lines);
    }

    [Fact]
    public async Task OnlyLinesOfThisRun_AreShown()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        _run.Time = time;
        _termination.Request();
        var session = StartAsync(["web"]);
        await Until(() => _stack.LogQuery is not null);
        Assert.Equal(time.Start, _stack.LogQuery!.Since);
        Assert.True(_stack.LogQuery.Follow);
        Assert.Equal(["web"], _stack.LogQuery.Services);
        await session;
    }

    [Fact]
    public async Task AbortOnExit_EndsTheRunWithTheCodeOfTheServiceThatEnded()
    {
        End("job", 3);
        Assert.Equal(3, await StartAsync(new EndRule(OnExit: true, OnFailure: false, ExitCodeFrom: null)));
        Assert.Contains("stopping, because 'job' ended", _run.Error.Lines);
        Assert.Contains("down", _stack.Asked);
    }

    [Fact]
    public async Task AbortOnFailure_DoesNotMindAServiceThatEndsWell()
    {
        End("job", 0);
        var session = StartAsync(new EndRule(OnExit: false, OnFailure: true, ExitCodeFrom: null));
        await Until(() => _stack.Asked.Count(asked => asked == "wait") == 2);
        Assert.False(session.IsCompleted);
        _termination.Request();
        Assert.Equal(0, await session);
    }

    [Theory]
    [InlineData("job", 4, 4)]
    [InlineData("job", 0, 0)]
    [InlineData("web", 0, 1)]
    public async Task ExitCodeFrom_IsThatServicesCode_AndNeverASuccessThatWasNone(string from, int code, int expected)
    {
        End("job", code);
        Assert.Equal(expected, await StartAsync(new EndRule(OnExit: true, OnFailure: false, from)));
    }

    [Theory]
    [InlineData(new[] { "job" }, new string[0], "job-1  | from job\n")]
    [InlineData(new string[0], new[] { "job" }, "web-1  | from web\n")]
    public async Task Attach_DecidesWhoseOutputIsShown(string[] attach, string[] noAttach, string expected)
    {
        _stack.Log.Add(new LogLine(default, "web", "web-1", 1, GuestStream.Output, "from web"u8.ToArray(), Terminated: true));
        _stack.Log.Add(new LogLine(default, "job", "job-1", 1, GuestStream.Output, "from job"u8.ToArray(), Terminated: true));
        var session = StartAsync(options => options with { Attach = attach, NoAttach = noAttach });
        await Until(() => _run.Output.Text.Length > 0);
        _termination.Request();
        await session;
        Assert.Equal(expected, _run.Output.Text);
    }

    private void End(string service, int code)
    {
        var place = _stack.Services.FindIndex(status => string.Equals(status.Service, service, StringComparison.Ordinal));
        _stack.Services[place] = _stack.Services[place] with { State = ServicePhase.Exited, ExitCode = code };
        _stack.OnWaitFor = (request, token) => request.Services.SequenceEqual([service], StringComparer.Ordinal)
            ? Task.FromResult<WaitResult>(new WaitResult.Reached(new Dictionary<string, int>(StringComparer.Ordinal) { [service] = code }))
            : _stack.OnWait(token);
    }

    private Task<int> StartAsync(EndRule end) => StartAsync(options => options with { End = end });

    private Task<int> StartAsync(params string[] services) => StartAsync(options => options, services);

    private Task<int> StartAsync(Func<ForegroundOptions, ForegroundOptions> change, params string[] services)
    {
        var scope = _run.Scope();
        var options = change(new ForegroundOptions(services, new LogStyle(Prefix: true, Timestamps: false), Colors: false, GracePeriod: null));
        var request = new ApplyRequest(scope.Source("shop"), new ApplyOptions { Services = services });
        var manifest = new ManifestResult(null, [], new SourceTexts(), []);
        return new ForegroundSession(scope, _stack, options, _termination)
            .RunAsync(token => _stack.ApplyAsync(request, token), manifest, _runnerEnds.Task, Token)
            .WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
