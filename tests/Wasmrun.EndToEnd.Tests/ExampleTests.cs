using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>The stack of the README, on ports that the system chooses.</summary>
public sealed class ExampleTests
{
    private static readonly string s_manifest = $$"""
        services:
          web:
            project: {{Path.Combine(Harness.Wasmrun.Root, "examples", "multi-service", "web")}}
            forwards: ["8080"]
            depends_on: [api, store]
          api:
            project: {{Path.Combine(Harness.Wasmrun.Root, "examples", "multi-service", "api")}}
            forwards: ["8080"]
            depends_on: [store]
          store:
            module: {{Harness.Wasmrun.Example("store")}}
            forwards: ["8080"]
            volumes: ["store-data:/data"]
        volumes:
          store-data: { exclusive: true }
        """;

    private static readonly TimeSpan s_lessThanPatience = TimeSpan.FromSeconds(1.5);

    private static readonly string s_express = $$"""
        services:
          web:
            project: {{Path.Combine(Harness.Wasmrun.Root, "examples", "express")}}
            forwards: ["3000"]
        """;

    [Theory]
    [InlineData("wasmrun-compose.yaml")]
    [InlineData("examples/express/wasmrun-compose.yaml")]
    [InlineData("examples/multi-service/wasmrun-compose.yaml")]
    [InlineData("examples/flask/wasmrun-compose.yaml")]
    public async Task Manifest_IsValid_AndStaysTheSameWhenItIsReadAgain(string file)
    {
        await using var stack = new TestStack(s_manifest);
        var written = (await stack.RunSuccessfullyAsync("-f", Path.Combine(Harness.Wasmrun.Root, file), "config")).Output;
        var again = await stack.RunWithInputAsync(written, "-f", "-", "config");
        Assert.True(again.ExitCode == 0, again.All);
        Assert.Equal(written, again.Output);
    }

    [Fact]
    public async Task Web_ShowsWhatTheApiAndTheStoreSay()
    {
        await using var stack = new TestStack(s_manifest);
        await Registry.UpAsync(stack);
        using var web = TestStack.NewClient(await stack.PortAsync("web", 8080));
        using var api = TestStack.NewClient(await stack.PortAsync("api", 8080));

        Assert.Equal(0, await VisitsAsync(api));
        var (begun, views, shown) = (Stopwatch.GetTimestamp(), 0, 0);
        while (shown == 0)
        {
            var asked = Stopwatch.GetTimestamp();
            Assert.Contains("<html", await web.GetStringAsync("/"), StringComparison.OrdinalIgnoreCase);
            views++;
            var answer = await web.GetStringAsync("/live");
            shown = Enumerable.Range(1, views).FirstOrDefault(visits => answer == $$$"""{"api":{"visits":{{{visits}}}},"store":{"keys":1}}""");

            // The page has a patience of its own, two seconds at least, which on a busy machine is over before there is an answer.
            Assert.True(shown > 0 || (Stopwatch.GetElapsedTime(asked) > s_lessThanPatience && Stopwatch.GetElapsedTime(begun) < FailureLimit.Duration), answer);
        }

        // A view that was not waited for may have been counted all the same.
        Assert.InRange(await VisitsAsync(api), shown, views);
    }

    [Fact]
    public async Task Express_AnswersFromACleanCheckout()
    {
        await using var stack = new TestStack(s_express);
        await Registry.UpAsync(stack);
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));

        Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync("/health"));
        using var content = new StringContent("""{"a":[1]}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/echo", content);
        Assert.Equal("""{"a":[1]}""", await answer.Content.ReadAsStringAsync());
        Assert.False(Directory.Exists(Path.Combine(Harness.Wasmrun.Root, "examples", "express", "node_modules")));
    }

    [Fact]
    public async Task Store_SpeaksToRedisCli_AndKeepsItsDataOverDownAndUp()
    {
        var redisCli = Tools.Require("redis-cli", "redis-tools");
        await using var stack = new TestStack(s_manifest);
        await Registry.UpAsync(stack);

        Assert.Equal("PONG", await RedisAsync(stack, redisCli, "PING"));
        Assert.Equal("OK", await RedisAsync(stack, redisCli, "SET", "greeting", "hello", "EX", "1000"));
        Assert.Equal("hello", await RedisAsync(stack, redisCli, "GET", "greeting"));
        Assert.Equal("1", await RedisAsync(stack, redisCli, "INCR", "count"));
        Assert.Equal("2", await RedisAsync(stack, redisCli, "INCR", "count"));
        Assert.Equal("2", await RedisAsync(stack, redisCli, "EXISTS", "greeting", "count"));
        Assert.Equal("1", await RedisAsync(stack, redisCli, "DEL", "greeting"));
        Assert.Equal("count", await RedisAsync(stack, redisCli, "KEYS", "c*"));
        Assert.Contains("# Server", await RedisAsync(stack, redisCli, "INFO"), StringComparison.Ordinal);

        await stack.RunSuccessfullyAsync("down");
        await stack.RunSuccessfullyAsync("up", "-d");

        Assert.Equal("3", await RedisAsync(stack, redisCli, "INCR", "count"));
    }

    /// <summary>What the api counts; asks again when the store's answer takes too long for it.</summary>
    private static async Task<int> VisitsAsync(HttpClient api)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            using var answer = await api.GetAsync("/visits");
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.IsSuccessStatusCode)
            {
                return JsonDocument.Parse(text).RootElement.GetProperty("visits").GetInt32();
            }

            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable && Stopwatch.GetElapsedTime(begun) < FailureLimit.Duration, text);
        }
    }

    private static async Task<string> RedisAsync(TestStack stack, string redisCli, params string[] command)
    {
        var port = await stack.PortAsync("store", 8080);
        var finished = await stack.StartProgram(redisCli, ["-p", $"{port}", .. command]).ExitAsync();
        Assert.True(finished.ExitCode == 0, finished.All);
        return finished.Output.Trim();
    }
}
