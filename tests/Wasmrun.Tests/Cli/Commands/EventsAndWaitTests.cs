using System.Text.Json;
using Wasmrun.Control.Api;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Events;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Commands;

public sealed class EventsAndWaitTests : IAsyncLifetime
{
    private readonly TemporaryProject _project = new();
    private readonly FakeStack _stack = new();
    private readonly CliRun _run;
    private RunningServer _server = null!;

    public EventsAndWaitTests()
    {
        _run = new CliRun(_project);
        _stack.Services.AddRange([FakeStack.Status("web"), FakeStack.Status("job")]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_project.Folder, _stack, Token);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _project.Dispose();
    }

    [Fact]
    public async Task Events_AreLinesWithTimeSubjectKindCauseAndAttributes()
    {
        var command = await FollowAsync("events");
        _stack.Publish(StackEventKind.ForwardBound, "web", "it is declared", ("hostPort", "8080"), ("address", "127.0.0.1"));
        _stack.Publish(StackEventKind.StoppedListening, "job");
        await DownAsync(command);
        Assert.Equal(
            [
                "0001-01-01T00:00:00.000Z web-1 forward bound: it is declared (address=127.0.0.1, hostPort=8080)",
                "0001-01-01T00:00:00.000Z job-1 stopped listening",
            ],
            _run.Output.Lines);
    }

    [Fact]
    public async Task EventsJson_WritesKindsInLowerCaseWithUnderscores()
    {
        var command = await FollowAsync("events", "--json", "web");
        _stack.Publish(StackEventKind.Started, "job");
        _stack.Publish(StackEventKind.Exited, "web", "exited with code 3", ("exitCode", "3"));
        _stack.Publish(StackEventKind.StoppedListening, "web");
        await DownAsync(command);
        var rows = _run.Output.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["exited", "stopped_listening"], rows.Select(row => row.GetProperty("kind").GetString()));
        Assert.Equal("3", rows[0].GetProperty("attributes").GetProperty("exitCode").GetString());
        Assert.Equal("web-1", rows[0].GetProperty("instance").GetString());
    }

    [Fact]
    public async Task Events_OfAnUnknownServiceAreAnError()
    {
        Assert.Equal(1, await _run.RunAsync("-p", "shop", "events", "wbe"));
        Assert.Equal("error: no such service: wbe; there are: web, job\n", _run.Error.Text);
    }

    [Fact]
    public async Task Wait_PrintsTheExitCodes_AndEndsWithTheFirstThatIsNotZero()
    {
        _stack.OnWait = _ => Task.FromResult<WaitResult>(new WaitResult.Reached(new Dictionary<string, int>(StringComparer.Ordinal) { ["web"] = 0, ["job"] = 3 }));
        Assert.Equal(3, await _run.RunAsync("-p", "shop", "wait", "web", "job"));
        Assert.Equal("0\n3\n", _run.Output.Text);
        var request = Assert.IsType<WaitRequest>(Assert.Single(_stack.Requests));
        Assert.Equal(WaitCondition.Ended, request.Condition);
        Assert.Equal(["web", "job"], request.Services);
    }

    [Fact]
    public async Task Wait_OfAServiceThatNeverRanIsNoSuccess()
    {
        _stack.OnWait = _ => Task.FromResult<WaitResult>(new WaitResult.Reached(new Dictionary<string, int>(StringComparer.Ordinal)));
        Assert.Equal(1, await _run.RunAsync("-p", "shop", "wait", "job"));
        Assert.Contains("ended without an exit code", _run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_AsksTheRunnerForItsPlan_AndChangesNothing()
    {
        await WriteManifestAsync();
        _stack.OnApply = _ => Task.FromResult<ApplyReply>(new ApplyReply.Planned("restart web: module changed\n"));
        Assert.Equal(0, await _run.RunAsync("up", "--dry-run"));
        Assert.Equal("restart web: module changed\n", _run.Output.Text);
        Assert.Equal(["plan"], _stack.Asked);
    }

    [Fact]
    public async Task Run_OfAServiceWhoseProfileIsOff_SwitchesItOn_AlsoWhenNoOtherServiceIsOn()
    {
        await WriteManifestAsync("profiles: [tools]");
        _stack.News.Add(new OneOffNews.Answered(new ApplyReply.Planned("start once: 'web' is to be run once more\n"), EndsRunner: false));
        Assert.Equal(0, await _run.RunAsync("run", "--dry-run", "web"));
        Assert.Equal(["tools"], Assert.IsType<RunRequest>(Assert.Single(_stack.Requests)).Source.Profiles);
    }

    [Theory]
    [InlineData("--dry-run: 'ps' changes nothing that could be tried out", "ps")]
    [InlineData("--dry-run: 'watch' cannot be tried out", "watch")]
    [InlineData("--dry-run: 'os' cannot be tried out", "os", ".")]
    public async Task DryRunOfWhatCannotBeTriedOut_IsRefused(string words, params string[] command)
    {
        Assert.Equal(2, await _run.RunAsync(["--dry-run", .. command]));
        Assert.Contains(words, _run.Error.Text, StringComparison.Ordinal);
        Assert.Empty(_stack.Asked);
    }

    private async Task WriteManifestAsync(string keys = "")
    {
        await File.WriteAllTextAsync(Path.Combine(_project.Root, "web.wat"), "(module)", Token);
        await File.WriteAllTextAsync(
            Path.Combine(_project.Root, "wasmrun-compose.yaml"), $"name: shop\nservices: {{ web: {{ module: ./web.wat, {keys} }} }}", Token);
    }

    /// <summary>Starts a command and gives it back once it hears what is published.</summary>
    private async Task<Task<int>> FollowAsync(params string[] arguments)
    {
        var command = _run.RunAsync(["-p", "shop", .. arguments]);
        while (!_stack.HasSubscribers)
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return command;
    }

    private async Task DownAsync(Task<int> command)
    {
        await _stack.DownAsync(new(Volumes: false, GracePeriod: null), Token);
        Assert.Equal(0, await command);
    }
}
