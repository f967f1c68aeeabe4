using System.Globalization;
using System.Net;
using System.Text;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Flags;
using Wasmrun.Manifest.Specs;
using Wasmrun.Network.Local;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Control.Server;

public sealed class ControlApiTests : IAsyncLifetime
{
    private readonly TemporaryProject _project = new();
    private readonly FakeStack _stack = new();
    private RunningServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ControlClient Client => _server.Client;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_project.Folder, _stack, Token);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _project.Dispose();
    }

    [Fact]
    public async Task Project_IsTold()
    {
        var project = await Client.GetProjectAsync(Token);
        Assert.Equal(_stack.Project with { Files = [] }, project with { Files = [] });
        Assert.Equal(_stack.Project.Files, project.Files);
    }

    [Fact]
    public async Task Services_TravelWithAllTheyHave()
    {
        var status = FakeStack.Status("web", ServicePhase.Restarting, new Publisher("127.0.0.1", 3000, 8080, "tcp")) with
        {
            ExitCode = 3,
            EndedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            Reason = "exited with code 3",
            LastLines = ["boom"],
        };
        _stack.Services.Add(status);
        var travelled = Assert.Single(await Client.GetServicesAsync(Token));
        Assert.Equal(status.Publishers, travelled.Publishers);
        Assert.Equal(status.LastLines, travelled.LastLines);
        Assert.Equal(status, travelled with { Publishers = status.Publishers, LastLines = status.LastLines });
    }

    [Fact]
    public async Task Apply_CarriesTheAskersSurroundings()
    {
        var source = new StackSource("/here")
        {
            Project = "shop",
            Files = ["a.yaml", "-"],
            ProjectDirectory = "/there",
            EnvFiles = [".env"],
            Profiles = ["debug"],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "ä" },
            StandardInput = "services: {}",
        };
        _stack.OnApply = _ => Task.FromResult<ApplyReply>(new ApplyReply.Applied(
            [new AppliedStep("start web", "declared")], ["old"], [new ServiceFailure("db", "trapped", 134, ["last"])]));
        var reply = await Client.ApplyAsync(new ApplyRequest(source, new ApplyOptions { Services = ["web"], RemoveOrphans = true }), Token);

        var request = Assert.IsType<ApplyRequest>(Assert.Single(_stack.Requests));
        Assert.Equivalent(source, request.Source, strict: true);
        Assert.Equivalent(new ApplyOptions { Services = ["web"], RemoveOrphans = true }, request.Options, strict: true);
        var applied = Assert.IsType<ApplyReply.Applied>(reply);
        Assert.Equal(new AppliedStep("start web", "declared"), Assert.Single(applied.Steps));
        Assert.Equal("last", Assert.Single(Assert.Single(applied.Failures).LastLines));
    }

    [Fact]
    public async Task Run_TellsEverythingInItsOrder()
    {
        OneOffNews[] news =
        [
            new OneOffNews.Begun("web-run-1"),
            new OneOffNews.Printed(new LogPiece(1, GuestStream.Error, "ä\n"u8.ToArray())),
            new OneOffNews.Printed(new LogPiece(0, GuestStream.Output, new byte[] { 0xc3, (byte)'\n' })),
            new OneOffNews.Ended(ServicePhase.Failed, 126, "could not run", ["last"], 17, EndsRunner: true),
        ];
        _stack.News.AddRange(news);
        var request = new RunRequest(new StackSource("/here") { Project = "shop" }, new OneOffFlags("web") { Arguments = ["a"], Publish = ["80"] });
        request = request with { Build = true };

        var told = await Client.RunAsync(request, Token).ToListAsync(Token);

        Assert.Equivalent(news, told, strict: true);
        Assert.Equivalent(request, Assert.IsType<RunRequest>(Assert.Single(_stack.Requests)), strict: true);
    }

    [Fact]
    public async Task Run_ThatNobodyListensTo_IsLeft()
    {
        _stack.News.Add(new OneOffNews.Begun("web-run-1"));
        var request = new RunRequest(new StackSource("/here"), new OneOffFlags("web"));

        await foreach (var _ in Client.RunAsync(request, Token))
        {
            break;
        }

        while (true)
        {
            lock (_stack.Asked)
            {
                if (_stack.Asked.Contains("left"))
                {
                    return;
                }
            }

            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public static TheoryData<string, int> Refusals => new()
    {
        { nameof(ApplyReply.ManifestInvalid), 422 },
        { nameof(ApplyReply.PortsTaken), 409 },
        { nameof(ApplyReply.ModulesUnusable), 422 },
        { nameof(ApplyReply.UnknownServices), 404 },
        { nameof(ApplyReply.Abandoned), 409 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_IsAProblemWithItsStatusAndItsWholeStory(string kind, int status)
    {
        var place = new SourceLocation("wasmrun-compose.yaml", 9, 17);
        ApplyReply refusal = kind switch
        {
            nameof(ApplyReply.ManifestInvalid) => new ApplyReply.ManifestInvalid([new Diagnostic("WR1203", DiagnosticSeverity.Error, place, "no")]),
            nameof(ApplyReply.PortsTaken) => new ApplyReply.PortsTaken(
                [new PortConflict("web", place, IPAddress.IPv6Loopback, 8080, TransportProtocol.Udp, "address already in use", 4711, "nginx", 8081)]),
            nameof(ApplyReply.ModulesUnusable) => new ApplyReply.ModulesUnusable([new ModuleFailure("web", place, "/web.wasm", "broken")]),
            nameof(ApplyReply.UnknownServices) => new ApplyReply.UnknownServices(["wbe"], ["web"]),
            _ => new ApplyReply.Abandoned("the stack was taken down"),
        };
        _stack.OnChange = () => Task.FromResult(refusal);
        Assert.Equivalent(refusal, await Client.RestartAsync(new ServicesRequest(["web"]), Token), strict: true);

        var raw = await SendAsync("POST /v1/restart HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 15\r\n\r\n{\"services\":[]}");
        Assert.StartsWith($"HTTP/1.1 {status} ", raw, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachChange_ReachesItsOwnPartOfTheStack()
    {
        await Client.RestartAsync(new ServicesRequest(["a"]), Token);
        await Client.StopAsync(new ServicesRequest(["b"], TimeSpan.FromSeconds(3)), Token);
        await Client.StartAsync(new ServicesRequest([]), Token);
        await Client.KillAsync(new ServicesRequest([]), Token);
        Assert.Equal(["restart", "stop", "start", "kill"], _stack.Asked);
        Assert.Equal(TimeSpan.FromSeconds(3), Assert.IsType<ServicesRequest>(_stack.Requests[1]).GracePeriod);
    }

    [Fact]
    public async Task Change_GoesOnWhenTheAskerGoesAway()
    {
        var change = new TaskCompletionSource<ApplyReply>();
        _stack.OnChange = () => change.Task;
        using var impatience = new CancellationTokenSource();
        var asking = Client.StopAsync(new ServicesRequest([]), impatience.Token);
        await Until(() => _stack.Asked.Count == 1);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        change.SetResult(FakeStack.Nothing);
        Assert.Equal("shop", (await Client.GetProjectAsync(Token)).Name);
    }

    [Fact]
    public async Task Wait_TellsHowItEnded()
    {
        WaitResult[] results =
        [
            new WaitResult.Reached(new Dictionary<string, int>(StringComparer.Ordinal) { ["job"] = 0 }),
            new WaitResult.TimedOut(["web"]),
            new WaitResult.Failed([new ServiceFailure("web", "trapped", 134, [])]),
            new WaitResult.UnknownServices(["wbe"], ["web"]),
        ];
        foreach (var result in results)
        {
            _stack.OnWait = _ => Task.FromResult(result);
            var told = await Client.WaitAsync(new WaitRequest(WaitCondition.Ended, ["web"], TimeSpan.FromSeconds(5)), Token);
            Assert.Equivalent(result, told, strict: true);
        }

        Assert.Equivalent(new WaitRequest(WaitCondition.Ended, ["web"], TimeSpan.FromSeconds(5)), _stack.Requests[0], strict: true);
    }

    [Fact]
    public async Task Logs_ComeByteForByte()
    {
        byte[] wild = [0xFF, 0x00, (byte)'\r', 0x1B, (byte)'"'];
        _stack.Log.Add(new LogLine(DateTimeOffset.UnixEpoch, "web", "web-1", 1, GuestStream.Output, wild, Terminated: true));
        _stack.Log.Add(new LogLine(DateTimeOffset.UnixEpoch, "web", "web-1", 1, GuestStream.Error, "ende"u8.ToArray(), Terminated: false));
        var since = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));
        var query = new LogQuery { Services = ["web", "d&b"], Tail = 7, Since = since, Until = since.AddHours(1) };
        var lines = await Client.ReadLogsAsync(query, Token).ToListAsync(Token);
        Assert.Equal(wild, lines[0].Bytes.ToArray());
        Assert.False(lines[1].Terminated);
        Assert.Equal(GuestStream.Error, lines[1].Stream);
        Assert.Equivalent(query, _stack.LogQuery, strict: true);
    }

    [Fact]
    public async Task FollowedLogs_EndWithTheRunner()
    {
        _stack.Log.Add(new LogLine(DateTimeOffset.UnixEpoch, "web", "web-1", 1, GuestStream.Output, "up"u8.ToArray(), Terminated: true));
        await using var lines = Client.ReadLogsAsync(new LogQuery { Follow = true }, Token).GetAsyncEnumerator(Token);
        Assert.True(await lines.MoveNextAsync());
        var next = lines.MoveNextAsync();
        Assert.False(next.IsCompleted);
        _server.Lifetime.StopApplication();
        Assert.False(await next);
    }

    [Fact]
    public async Task Events_AreCollectedFromTheMomentOfSubscription()
    {
        var events = await Client.SubscribeAsync(EventQuery.FromNowOn, Token);
        _stack.Publish(StackEventKind.Exited, "web", "exited with code 3", ("exitCode", "3"));
        await using var reader = events.GetAsyncEnumerator(Token);
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(StackEventKind.Exited, reader.Current.Kind);
        Assert.Equal("3", reader.Current.Attributes["exitCode"]);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("2026-01-31T12:00:00.1234567+00:00", null)]
    [InlineData(null, "2026-01-31T12:00:00+02:00")]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T13:00:00Z")]
    public async Task EventQuery_ArrivesAsItWasAsked(string? since, string? until)
    {
        var query = new EventQuery(Moment(since), Moment(until));

        await Client.SubscribeAsync(query, Token);

        Assert.Equal(query, _stack.LastEventQuery);

        static DateTimeOffset? Moment(string? text) => text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Down_AnswersFirst_ThenEndsTheRunner()
    {
        _stack.OnDown = () => Task.FromResult(new DownReport(["web"], [8080], ["cache"], []));
        var report = await Client.DownAsync(new DownOptions(Volumes: true, TimeSpan.FromSeconds(1)), Token);
        Assert.Equal(["web"], report.Services);
        Assert.True(report.IsClean);
        Assert.Equal(new DownOptions(Volumes: true, TimeSpan.FromSeconds(1)), Assert.Single(_stack.Requests));
        await Until(() => _server.Ended is not null);
        await _server.Ended!;
        Assert.False(File.Exists(_project.Folder.SocketPath));
    }

    [Fact]
    public async Task WaitingClient_IsToldWhenTheRunnerEnds()
    {
        var waiting = Client.WaitAsync(new WaitRequest(WaitCondition.Ended, [], Timeout: null), Token);
        await Until(() => _stack.Asked.Count == 1);
        _server.Lifetime.StopApplication();
        var refusal = await Assert.ThrowsAsync<RunnerRefusedException>(() => waiting);
        Assert.Equal(503, refusal.Problem.Status);
    }

    [Theory]
    [InlineData("POST /v1/stop HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nnope", "400")]
    [InlineData("POST /v1/stop HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nnull", "400")]
    [InlineData("POST /v1/wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 32\r\n\r\n{\"condition\":7,\"services\":[\"a\"]}", "400")]
    [InlineData("GET /v1/logs?tail=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET /v1/logs?since=yesterday HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET /v2/services HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404")]
    public async Task BadRequest_IsAProblem(string request, string status)
    {
        var response = await SendAsync(request);
        Assert.StartsWith($"HTTP/1.1 {status} ", response, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", response, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apply", "{}", "source")]
    [InlineData("apply", """{"source":{},"options":{}}""", "source.workingDirectory")]
    [InlineData("apply", """{"source":null,"options":{}}""", "source")]
    [InlineData("apply", """{"source":{"workingDirectory":"/","environment":{"A":null}},"options":{}}""", "source.environment.A")]
    [InlineData("apply", """{"source":{"workingDirectory":"/","files":[null]},"options":{}}""", "source.files[0]")]
    [InlineData("plan", "{}", "source")]
    [InlineData("run", "{}", "source")]
    [InlineData("run", """{"source":{"workingDirectory":"/"},"flags":{}}""", "flags.service")]
    [InlineData("restart", "{}", "services")]
    [InlineData("stop", "{}", "services")]
    [InlineData("start", """{"services":null}""", "services")]
    [InlineData("kill", """{"services":[null]}""", "services[0]")]
    [InlineData("scale", "{}", "replicas")]
    [InlineData("scale", """{"replicas":null}""", "replicas")]
    [InlineData("wait", "{}", "services")]
    [InlineData("wait", """{"services":[],"timeout":"-00:00:01"}""", "timeout")]
    [InlineData("stop", """{"services":[],"gracePeriod":"-00:00:01"}""", "gracePeriod")]
    [InlineData("kill", """{"services":[],"gracePeriod":"41.16:00:01"}""", "gracePeriod")]
    [InlineData("plan", """{"source":{"workingDirectory":""},"options":{}}""", "source.workingDirectory")]
    [InlineData("plan", """{"source":{"workingDirectory":"here"},"options":{}}""", "source.workingDirectory")]
    [InlineData("watch", "{}", "options")]
    public async Task BodyThatCannotBeUsed_IsAProblemThatNamesTheReason(string path, string body, string named)
    {
        var response = await PostAsync(path, body);
        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.Contains($"'{named}'", response, StringComparison.Ordinal);
        Assert.Empty(_stack.Asked);
    }

    [Theory]
    [InlineData("stop", "nope", "it is not JSON: line 1, byte 2")]
    [InlineData("stop", "{\n \"services\": }", "it is not JSON: line 2, byte 14")]
    [InlineData("stop", "[]", "it is not an object")]
    [InlineData("stop", """{"services":7}""", "'services' is not a list")]
    [InlineData("stop", """{"services":["a",7]}""", "'services[1]' is not a string")]
    [InlineData("stop", """{"services":[],"gracePeriod":7}""", "'gracePeriod' is not a duration such as 00:00:10")]
    [InlineData("stop", """{"services":[],"gracePeriod":"soon"}""", "'gracePeriod' is not a duration such as 00:00:10")]
    [InlineData("stop", """{"services":[],"dryRun":"yes"}""", "'dryRun' is not true or false")]
    [InlineData("scale", """{"replicas":{"web":"three"}}""", "'replicas.web' is not a whole number of 32 bits")]
    [InlineData("scale", """{"replicas":{"web":9999999999}}""", "'replicas.web' is not a whole number of 32 bits")]
    [InlineData("apply", """{"source":{"workingDirectory":"/","environment":{"a.b":1}},"options":{}}""", "'source.environment['a.b']' is not a string")]
    [InlineData("wait", """{"condition":7,"services":[]}""", "'condition' is not one of ready")]
    public async Task BodyThatCannotBeRead_IsAProblemThatNamesTheFieldAndWhatIsExpected(string path, string body, string expected)
    {
        var response = await PostAsync(path, body);
        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.Contains(expected, response, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", response, StringComparison.Ordinal);
        Assert.Empty(_stack.Asked);
    }

    [Theory]
    [InlineData("apply", """{"source":{"workingDirectory":"/here"},"options":{}}""")]
    [InlineData("restart", """{"services":[]}""")]
    [InlineData("scale", """{"replicas":{"web":3}}""")]
    [InlineData("wait", """{"condition":"ready","services":[]}""")]
    [InlineData("run", """{"source":{"workingDirectory":"/here"},"flags":{"service":"web","arguments":[]}}""")]
    [InlineData("watch", """{"options":{}}""")]
    [InlineData("down", """{"volumes":false}""")]
    [InlineData("plan/down", "{}")]
    public async Task BodyWithWhatIsNeeded_IsTakenWithEmptyListsForTheRest(string path, string body)
    {
        _stack.News.Add(new OneOffNews.Answered(FakeStack.Nothing, EndsRunner: false));
        _stack.OnWait = _ => Task.FromResult<WaitResult>(new WaitResult.TimedOut([]));
        _stack.WatchFailure = new OperationCanceledException();

        await PostAsync(path, body);

        switch (Assert.Single(_stack.Requests))
        {
            case ApplyRequest request:
                Assert.Equivalent(new StackSource("/here"), request.Source, strict: true);
                Assert.Equivalent(new ApplyOptions(), request.Options, strict: true);
                break;
            case RunRequest request:
                Assert.Equivalent(new StackSource("/here"), request.Source, strict: true);
                Assert.Equivalent(new OneOffFlags("web"), request.Flags, strict: true);
                break;
            case WatchRequest request:
                Assert.Null(request.Source);
                Assert.Equivalent(new ApplyOptions(), request.Options, strict: true);
                break;
        }
    }

    [Fact]
    public async Task FailureOfTheRunner_IsAProblemAndNotASilence()
    {
        _stack.OnChange = () => throw new InvalidOperationException("a bug");
        var refusal = await Assert.ThrowsAsync<RunnerRefusedException>(() => Client.StartAsync(new ServicesRequest([]), Token));
        Assert.Equal(500, refusal.Problem.Status);
        Assert.Contains("a bug", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReaderWhoStops_HoldsUpNobodyElse()
    {
        var line = new LogLine(DateTimeOffset.UnixEpoch, "web", "web-1", 1, GuestStream.Output, new byte[60_000], Terminated: true);
        _stack.Log.AddRange(Enumerable.Repeat(line, 200));
        await using var stalled = Client.ReadLogsAsync(new LogQuery(), Token).GetAsyncEnumerator(Token);
        Assert.True(await stalled.MoveNextAsync());
        using var other = new ControlClient(_project.Folder);
        Assert.Equal(200, await other.ReadLogsAsync(new LogQuery(), Token).CountAsync(Token));
    }

    private Task<string> PostAsync(string path, string body) => SendAsync(
        $"POST /v1/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n{body}");

    private async Task<string> SendAsync(string request)
    {
        await using var socket = await LocalSocket.ConnectAsync(_project.Folder.SocketPath, Token);
        await socket.WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        using var reader = new StreamReader(socket, Encoding.UTF8);
        return await reader.ReadToEndAsync(Token);
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
