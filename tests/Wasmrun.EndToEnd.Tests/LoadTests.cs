using System.Diagnostics;
using System.Net.Sockets;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>
/// Fifty swaps and fifty crashes under a load of new connections and of kept ones, on plain sockets that hide nothing: none is
/// refused, and a swap breaks none that is in use.
/// </summary>
public sealed class LoadTests
{
    private const int Rounds = 50;

    /// <summary>Never asks for an end of its own accord: is moved by the end of the grace period.</summary>
    private const int ForEver = int.MaxValue;

    private static readonly string s_manifest = $$"""
        services:
          web:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
            restart: { policy: always, delay: 10ms, max_delay: 10ms, jitter: false }
            stop_grace_period: 4s
        """;

    [Fact]
    public async Task FiftySwaps_RefuseNoConnectionAndBreakNone()
    {
        await using var stack = new TestStack(s_manifest);
        await UpTests.UpAndReadyAsync(stack, stack.Start("up"));
        var port = await stack.PortAsync("web", 8080);
        var instances = new HashSet<string>(StringComparer.Ordinal) { await InstanceAsync(port) };
        await using var load = new RawLoad(port, anew: 3, 10, 100, ForEver);

        for (var round = 0; round < Rounds; round++)
        {
            var (status, answer) = await AskRunnerAsync(stack, "/v1/restart", """{"services":["web"]}""");
            Assert.True(status == 200 && answer.Contains("swap web", StringComparison.Ordinal), answer);
            Assert.True(instances.Add(await InstanceAsync(port)), "the old instance answers a new client");
        }

        // So long that the client that never leaves is asked to.
        var begun = Stopwatch.GetTimestamp();
        var answers = load.Answers;
        while (Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(4))
        {
            await InstanceAsync(port);
        }

        await load.DisposeAsync();
        Assert.Empty(load.Refused);
        Assert.Empty(load.Broken);
        Assert.InRange(load.Answers, answers + 1, long.MaxValue);
        Assert.Equal(Rounds + 1, instances.Count);
    }

    [Fact]
    public async Task FiftyCrashes_RefuseNoConnection()
    {
        await using var stack = new TestStack(s_manifest);
        await UpTests.UpAndReadyAsync(stack, stack.Start("up"));
        var port = await stack.PortAsync("web", 8080);
        await using var load = new RawLoad(port, anew: 3, 10, ForEver);
        var instances = new HashSet<string>(StringComparer.Ordinal);

        for (var round = 0; round < Rounds; round++)
        {
            var before = await InstanceAsync(port);
            instances.Add(before);
            await TryAskAsync(port, "/trap");
            await NextInstanceAsync(port, before).OrFail(() => $"no instance follows after crash {round}");
        }

        await load.DisposeAsync();
        Assert.Empty(load.Refused);
        Assert.Equal(Rounds, instances.Count);
    }

    private static async Task NextInstanceAsync(int port, string former)
    {
        while (await InstanceAsync(port) == former)
        {
            // The crash is on its way.
        }
    }

    /// <summary>Which instance answers a new client; asks again when it ends before it has answered.</summary>
    private static async Task<string> InstanceAsync(int port)
    {
        while (true)
        {
            if (await TryAskAsync(port, "/instance") is { } answer)
            {
                return answer;
            }
        }
    }

    private static async Task<string?> TryAskAsync(int port, string path)
    {
        using var client = await RawClient.ConnectAsync(port);
        try
        {
            return (await client.AskAsync("GET", path, close: true)).Body;
        }
        catch (Exception ended) when (ended is SocketException or IOException)
        {
            return null;
        }
    }

    private static Task<(int Status, string Body)> AskRunnerAsync(TestStack stack, string path, string body) =>
        RawClient.PostAsync(Path.Combine(stack.Folder, "run", stack.Name, "control.sock"), path, body);
}
