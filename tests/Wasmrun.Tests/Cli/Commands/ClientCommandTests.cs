using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Wasmrun.Control.Api;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Commands;

public sealed class ClientCommandTests : IAsyncLifetime
{
    private readonly TemporaryProject _project = new();
    private readonly FakeStack _stack = new();
    private readonly CliRun _run;
    private RunningServer _server = null!;

    public ClientCommandTests()
    {
        _run = new CliRun(_project);
        _stack.Project = _stack.Project with { Pid = int.MaxValue, Directory = _project.Root, Files = [Path.Combine(_project.Root, "wasmrun-compose.yaml")] };
        _stack.Services.Add(FakeStack.Status(
            "web", ServicePhase.Running, new Publisher("127.0.0.1", 3000, 8080, "tcp"), new Publisher("::1", 3000, 8080, "tcp")) with
        {
            Module = Path.Combine(_project.Root, "web.wasm"),
        });
        _stack.Services.Add(FakeStack.Status("job", ServicePhase.Exited) with { ExitCode = 3, Health = HealthState.None });
    }

    public async ValueTask InitializeAsync() =>
        _server = await RunningServer.StartAsync(_project.Folder, _stack, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _project.Dispose();
    }

    [Fact]
    public async Task Ps_ListsWhatRuns()
    {
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "ps"));
        Assert.Equal(
            ["NAME    MODULE     SERVICE   STATUS   HEALTH    PORTS", "web-1   web.wasm   web       Up       healthy   localhost:8080->3000/tcp"],
            _run.Output.Lines);
    }

    [Theory]
    [InlineData(ServicePhase.Running, "web-1 warning: forwards target 3000, but the guest listens on 5000")]
    [InlineData(ServicePhase.Failed, "web-1 failed: forwards target 3000, but the guest listens on 5000")]
    [InlineData(ServicePhase.Waiting)]
    public async Task Ps_SaysBelowTheTableWhatIsWrong(ServicePhase state, params string[] lines)
    {
        _stack.Services[0] = _stack.Services[0] with { State = state, Reason = "forwards target 3000, but the guest listens on 5000" };

        Assert.Equal(0, await _run.RunAsync("-p", "shop", "ps"));
        Assert.Equal(lines, _run.Error.Lines);
    }

    [Fact]
    public async Task Ps_ListsEverythingOnRequest()
    {
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "ps", "-a"));
        Assert.Contains("Exited (3)", _run.Output.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("job", "exited")]
    [InlineData("web", "running")]
    [InlineData("job web", "running", "exited")]
    [InlineData("", "failed")]
    public async Task Ps_ListsThoseInAState(string names, params string[] states)
    {
        Assert.Equal(0, await _run.RunAsync(["-p", "shop", "ps", "--services", .. states.SelectMany(state => new[] { "--status", state })]));
        Assert.Equal(names.Split(' ', StringSplitOptions.RemoveEmptyEntries), _run.Output.Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Stats_ShowWhatIsUsedBetweenTwoLooks()
    {
        _stack.Stats.Enqueue([Used(0, TimeSpan.FromSeconds(3))]);
        _stack.Stats.Enqueue([Used(2, TimeSpan.FromSeconds(3.5))]);

        Assert.Equal(0, await _run.RunAsync("-p", "shop", "stats", "--no-stream", "web"));
        Assert.Equal(
            ["NAME    CPU %    MEM USAGE / LIMIT   MEM %   CONNECTIONS", "web-1   25.00%   2MiB / 64MiB        3.13%   4"],
            _run.Output.Lines);
    }

    [Fact]
    public async Task StatsJson_HasTheNamesOfCompose()
    {
        _stack.Stats.Enqueue([Used(0, TimeSpan.Zero)]);

        Assert.Equal(0, await _run.RunAsync("-p", "shop", "stats", "--no-stream", "--format", "json"));
        Assert.Equal(
            """{"Name":"web-1","Service":"web","CPUPerc":"0.00%","MemUsage":"2MiB / 64MiB","MemPerc":"3.13%","Connections":4}""",
            Assert.Single(_run.Output.Lines));
    }

    [Fact]
    public async Task Top_ListsTheInstancesThatRun()
    {
        _stack.Stats.Enqueue([Used(0, TimeSpan.FromSeconds(3725.5))]);

        Assert.Equal(0, await _run.RunAsync("-p", "shop", "top"));
        Assert.EndsWith("01:02:05.50   2MiB   web.wasm --verbose", _run.Output.Lines[1], StringComparison.Ordinal);
        Assert.Equal(1, await _run.RunAsync("-p", "shop", "top", "wbe"));
    }

    [Fact]
    public async Task Scale_AsksForTheNumbers()
    {
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "scale", "--no-deps", "web=3", "job=0"));

        var request = Assert.IsType<ScaleRequest>(Assert.Single(_stack.Requests));
        Assert.Equal([("job", 0), ("web", 3)], request.Replicas.Select(entry => (entry.Key, entry.Value)).Order());
        Assert.True(request.NoDependencies);
        Assert.Equal(2, await _run.RunAsync("-p", "shop", "scale", "web=-1"));
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("stop")]
    [InlineData("start")]
    [InlineData("kill")]
    [InlineData("scale", "web=2")]
    [InlineData("down")]
    public async Task DryRun_PrintsThePlan(params string[] command)
    {
        _stack.OnChange = () => Task.FromResult<ApplyReply>(new ApplyReply.Planned("swap web: a restart was asked for\n"));

        Assert.Equal(0, await _run.RunAsync(["-p", "shop", "--dry-run", .. command]));
        Assert.Equal(["swap web: a restart was asked for"], _run.Output.Lines);
        Assert.True(_stack.Requests.Single() is ServicesRequest { DryRun: true } or ScaleRequest { DryRun: true } or DownOptions);
    }

    [Fact]
    public async Task PsJson_HasTheNamesOfCompose()
    {
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "ps", "-a", "--format", "json"));
        var rows = _run.Output.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            ["Name", "Project", "Service", "State", "Health", "ExitCode", "Publishers"],
            rows[0].EnumerateObject().Select(property => property.Name).Take(7));
        Assert.Equal(
            ["URL", "TargetPort", "PublishedPort", "Protocol"],
            rows[0].GetProperty("Publishers")[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal("running", rows[0].GetProperty("State").GetString());
        Assert.Equal(0, rows[0].GetProperty("ExitCode").GetInt32());
        Assert.Equal("exited", rows[1].GetProperty("State").GetString());
        Assert.Equal("", rows[1].GetProperty("Health").GetString());
        Assert.Equal(3, rows[1].GetProperty("ExitCode").GetInt32());
    }

    [Theory]
    [InlineData("-q", "web-1\n")]
    [InlineData("--services", "web\n")]
    public async Task Ps_CanPrintNamesAlone(string flag, string names)
    {
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "ps", flag));
        Assert.Equal(names, _run.Output.Text);
    }

    [Theory]
    [InlineData("ps", "wbe")]
    [InlineData("logs", "wbe")]
    [InlineData("port", "wbe", "3000")]
    public async Task UnknownService_IsAnErrorThatNamesTheKnown(params string[] command)
    {
        Assert.Equal(1, await _run.RunAsync(["-p", "shop", .. command]));
        Assert.Equal("error: no such service: wbe; there are: web, job\n", _run.Error.Text);
        Assert.Empty(_run.Output.Text);
    }

    [Fact]
    public async Task Port_PrintsOneAddressThatScriptsCanUse()
    {
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "port", "web", "3000"));
        Assert.Equal("127.0.0.1:8080\n", _run.Output.Text);
    }

    [Fact]
    public async Task Port_SaysWhenNoForwardLeadsThere()
    {
        Assert.Equal(1, await _run.RunAsync("-p", "shop", "port", "web", "3000", "--protocol", "udp"));
        Assert.Contains("no forward leads to port 3000/udp of 'web'", _run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_ShowTheGuestsLines_AndPassTheQueryOn()
    {
        _stack.Log.Add(new LogLine(default, "web", "web-1", 1, GuestStream.Output, "hello"u8.ToArray(), Terminated: true));
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "logs", "web", "-n", "5", "--since", "2026-01-02T03:04:05Z"));
        Assert.Equal("web-1  | hello\n", _run.Output.Text);
        Assert.Equal(5, _stack.LogQuery!.Tail);
        Assert.Equal(["web"], _stack.LogQuery.Services);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), _stack.LogQuery.Since);
        Assert.False(_stack.LogQuery.Follow);
    }

    [Fact]
    public async Task LogsJson_IsOneObjectALine()
    {
        _stack.Log.Add(new LogLine(default, "web", "web-1", 1, GuestStream.Error, "hello"u8.ToArray(), Terminated: true));
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "logs", "--json"));
        var line = JsonDocument.Parse(Assert.Single(_run.Output.Lines)).RootElement;
        Assert.Equal("hello", line.GetProperty("text").GetString());
        Assert.Equal("stderr", line.GetProperty("stream").GetString());
    }

    [Fact]
    public async Task FollowedLogs_EndWithTheStack()
    {
        var following = _run.RunAsync("-p", "shop", "logs", "-f");
        while (_stack.LogQuery is null)
        {
            await Task.Yield();
        }

        Assert.True(_stack.LogQuery.Follow);
        _server.Lifetime.StopApplication();
        Assert.Equal(0, await following);
    }

    [Fact]
    public async Task LogsIntoAClosedPipe_EndQuietly()
    {
        _run.Output.Close();
        _stack.Log.Add(new LogLine(default, "web", "web-1", 1, GuestStream.Output, "hello"u8.ToArray(), Terminated: true));
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "logs"));
        Assert.Empty(_run.Error.Text);
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("stop")]
    [InlineData("start")]
    [InlineData("kill")]
    public async Task Change_IsCarriedOutAndShownStepByStep(string command)
    {
        _run.Time = new FakeTimeProvider();
        _stack.OnChange = () =>
        {
            _stack.Publish(StackEventKind.Stopping, "web");
            _stack.Publish(StackEventKind.Started, "web");
            _stack.Services[0] = _stack.Services[0] with { EventSequence = 2 };
            return Task.FromResult<ApplyReply>(FakeStack.Nothing);
        };
        Assert.Equal(0, await _run.RunAsync("-p", "shop", command, "web").WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal([command], _stack.Asked);
        Assert.Equal(["web"], Assert.IsType<ServicesRequest>(_stack.Requests[0]).Services);
        Assert.Equal(["web-1  Stopping", "web-1  Started"], _run.Error.Lines);
    }

    [Fact]
    public async Task Progress_CanBeQuietOrForPrograms()
    {
        _run.Time = new FakeTimeProvider();
        _stack.OnChange = () =>
        {
            _stack.Publish(StackEventKind.Started, "web");
            _stack.Services[0] = _stack.Services[0] with { EventSequence = 1 };
            return Task.FromResult<ApplyReply>(FakeStack.Nothing);
        };
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "--progress", "quiet", "restart").WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Empty(_run.Error.Text);

        _stack.Services[0] = _stack.Services[0] with { EventSequence = 0 };
        _stack.OnChange = () =>
        {
            _stack.Publish(StackEventKind.Started, "web");
            _stack.Services[0] = _stack.Services[0] with { EventSequence = 2 };
            return Task.FromResult<ApplyReply>(FakeStack.Nothing);
        };
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "--progress", "json", "restart").WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("started", JsonDocument.Parse(Assert.Single(_run.Error.Lines)).RootElement.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task FailedChange_IsReported()
    {
        _stack.OnChange = () => Task.FromResult<ApplyReply>(new ApplyReply.Applied([], [], [new ServiceFailure("web", "trapped", 134, ["last words"])]));
        Assert.Equal(1, await _run.RunAsync("-p", "shop", "start"));
        Assert.Contains("error: service 'web': trapped\n    last words\n", _run.Error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("2000000000", 3_600_000)]
    public async Task StopsTimeout_IsTheGracePeriod_AsFarAsTimersGo(string written, int seconds)
    {
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "stop", "-t", written));
        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.IsType<ServicesRequest>(_stack.Requests[0]).GracePeriod);
    }

    [Fact]
    public async Task Down_SucceedsOnceTheRunnerIsGone()
    {
        _stack.OnDown = () => Task.FromResult(new DownReport(["web"], [8080], ["cache"], []));
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "down", "-v", "-t", "2"));
        Assert.Equal(new DownOptions(Volumes: true, TimeSpan.FromSeconds(2)), Assert.Single(_stack.Requests));
        Assert.False(Wasmrun.Control.Folders.ProjectLock.IsHeld(_project.Folder));
        Assert.Contains("volume cache  Removed", _run.Error.Lines);
    }

    [Fact]
    public async Task Down_FailsWhenSomethingIsLeft()
    {
        _stack.OnDown = () => Task.FromResult(new DownReport(["web"], [], [], ["a listener on port 8080"]));
        Assert.Equal(1, await _run.RunAsync("-p", "shop", "down"));
        Assert.Contains("error: left behind: a listener on port 8080", _run.Error.Lines);
    }

    [Fact]
    public async Task Ls_CountsServicesByState()
    {
        Assert.Equal(0, await _run.RunAsync("ls"));
        Assert.Equal(
            ["NAME   STATUS                  CONFIG FILES", $"shop   running(1), exited(1)   {_project.Root}/wasmrun-compose.yaml"], _run.Output.Lines);
    }

    [Fact]
    public async Task BrokenManifest_KeepsNobodyFromLookingAtTheStackThatRuns()
    {
        await File.WriteAllTextAsync(Path.Combine(_project.Root, "wasmrun-compose.yaml"), "services: [", TestContext.Current.CancellationToken);
        _run.WorkingDirectory = Directory.CreateDirectory(Path.Combine(_project.Root, "below")).FullName;
        Assert.Equal(0, await _run.RunAsync("ps", "-q"));
        Assert.Equal("web-1\n", _run.Output.Text);
    }

    [Fact]
    public async Task ManifestDecidesTheProject()
    {
        await File.WriteAllTextAsync(Path.Combine(_project.Root, "web.wat"), "(module)", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(_project.Root, "wasmrun-compose.yaml"), "name: shop\nservices: { web: { module: ./web.wat } }", TestContext.Current.CancellationToken);
        Assert.Equal(0, await _run.RunAsync("ps", "-q"));
        Assert.Equal("web-1\n", _run.Output.Text);
    }

    private InstanceStats Used(double seconds, TimeSpan processor) => new(
        "web",
        "web-1",
        1,
        DateTimeOffset.UnixEpoch.AddSeconds(seconds),
        DateTimeOffset.UnixEpoch,
        processor,
        2 << 20,
        64 << 20,
        null,
        4,
        [Path.Combine(_project.Root, "web.wasm"), "--verbose"]);
}
