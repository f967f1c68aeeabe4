using System.Text.Json;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>Flags and commands that end with somebody else's exit code, look without touching, or tell what happens.</summary>
public sealed class FlagTests
{
    private static readonly string s_manifest = $$"""
        services:
          web:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
          job:
            module: {{Harness.Wasmrun.Guest("exit")}}
            command: ["7"]
        """;

    [Fact]
    public async Task ExitCodeFrom_EndsTheStackWithTheServicesCode()
    {
        await using var stack = new TestStack(s_manifest);
        var finished = await stack.RunAsync("up", "--exit-code-from", "job");
        Assert.True(finished.ExitCode == 7, finished.All);
        Assert.Empty(await stack.PsAsync());
    }

    [Fact]
    public async Task Wait_EndsWithTheCodeOfAServiceThatEnds()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunAsync("up", "-d");
        var finished = await stack.RunAsync("wait", "job");
        Assert.True(finished.ExitCode == 7, finished.All);
        Assert.Equal("7", finished.Output);
    }

    [Theory]
    [InlineData("start_period: 1h", "--wait-timeout 1", 17, "error: not ready in time: ")]
    [InlineData("retries: 1, interval: 100ms", "", 18, "is unhealthy: (GET /none at port 8080 was answered with 404|nothing listens on port 8080)")]
    public async Task UpWait_EndsWhenItsTimeIsOverOrADependencyDoesNotBecomeHealthy(string times, string flags, int code, string complaint)
    {
        await using var stack = new TestStack($$"""
            services:
              web: { module: {{Harness.Wasmrun.Guest("http")}}, environment: { PORT: "8080" }, healthcheck: { http: /none, port: 8080, {{times}} } }
              dependent: { module: {{Harness.Wasmrun.Guest("http")}}, depends_on: { web: { condition: service_healthy } } }
            """);

        var finished = await stack.RunAsync(["up", "--wait", .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.True(finished.ExitCode == code, finished.All);
        Assert.Matches(complaint, finished.Error);
        await stack.RunSuccessfullyAsync("down");
    }

    [Fact]
    public async Task UpWait_FailsForAServiceThatCrashesAgainAndAgain_WithNothingElseToJudgeItBy()
    {
        await using var stack = new TestStack($$"""
            services:
              loop: { module: {{Harness.Wasmrun.Guest("exit")}}, command: ['3'], restart: always }
            """);

        var finished = await stack.RunAsync("up", "-d", "--wait");

        Assert.True(finished.ExitCode == 18, finished.All);
        Assert.Matches(@"error: service 'loop': exited with code 3, \d+ times in a row, and is restarted again; 'wasmrun logs loop' shows what it printed", finished.Error);
        Assert.Contains("leaving", finished.Error, StringComparison.Ordinal);
        await stack.RunSuccessfullyAsync("down");
    }

    [Theory]
    [InlineData("exit", "command: ['3']", 18, "'db', which it depends on, exited with code 3")]
    [InlineData("blocked", "command: [sleep]", 17, "not ready in time: (db, )?web")]
    [InlineData("http", "environment: { PORT: '5432' }", 0, "")]
    public async Task Healthy_OfADependencyWithoutCheckAndForward_IsThatItListens(string guest, string settings, int code, string complaint)
    {
        await using var stack = new TestStack($$"""
            services:
              db: { module: {{Harness.Wasmrun.Guest(guest)}}, {{settings}} }
              web: { module: {{Harness.Wasmrun.Guest("http")}}, environment: { PORT: "8080" }, depends_on: { db: { condition: service_healthy } } }
            """);

        var finished = await stack.RunAsync("up", "--wait", "--wait-timeout", code == 17 ? "1" : "60");

        Assert.True(finished.ExitCode == code, finished.All);
        Assert.Matches(complaint, finished.All);
        await stack.RunSuccessfullyAsync("down");
    }

    [Fact]
    public async Task DryRun_ShowsWhatWouldChange_AndLeavesTheRunningStackAlone()
    {
        await using var stack = new TestStack(s_manifest);
        var plan = await stack.RunSuccessfullyAsync("up", "--dry-run", "web");
        Assert.Contains("start web: it is declared and was not started yet", plan.Output, StringComparison.Ordinal);
        Assert.Empty(await stack.PsAsync());

        await stack.RunSuccessfullyAsync("up", "-d", "web");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));
        var instance = await client.GetStringAsync("/instance");
        stack.Write(s_manifest.Replace("forwards:", "environment: { A: b }\n    forwards:", StringComparison.Ordinal));
        plan = await stack.RunSuccessfullyAsync("up", "--dry-run", "web");
        Assert.Contains("web: environment changed", plan.Output, StringComparison.Ordinal);
        Assert.Equal(instance, await client.GetStringAsync("/instance"));
    }

    [Fact]
    public async Task Events_TellOfARestart()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunAsync("up", "-d");
        var events = stack.Start("events", "--json", "web");

        // Told again and again, because nothing says when the command has begun to listen.
        var told = events.LineAsync(line => Kind(line) is "started" or "swapped", "of a new instance");
        while (!told.IsCompleted)
        {
            await stack.RunSuccessfullyAsync("restart", "web");
        }

        Assert.Equal("web", JsonDocument.Parse(await told).RootElement.GetProperty("service").GetString());
        await stack.RunSuccessfullyAsync("down");
        Assert.Equal(0, (await events.ExitAsync()).ExitCode);
    }

    [Fact]
    public async Task EventsUntilNow_AreThoseOfThePast()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunAsync("up", "-d");

        var past = await stack.RunSuccessfullyAsync("events", "--json", "--since", "1h", "--until", "0s", "web");
        Assert.Contains("started", past.Output.Split('\n').Select(Kind));

        Assert.Empty((await stack.RunSuccessfullyAsync("events", "--since", "1h", "--until", "30m")).Output);
        var wrong = await stack.RunAsync("events", "--since", "yesterday");
        Assert.Contains("'yesterday' is neither a moment such as", wrong.Error, StringComparison.Ordinal);
        await stack.RunSuccessfullyAsync("down");
    }

    private static string? Kind(string line) => line.StartsWith('{') ? JsonDocument.Parse(line).RootElement.GetProperty("kind").GetString() : null;
}
