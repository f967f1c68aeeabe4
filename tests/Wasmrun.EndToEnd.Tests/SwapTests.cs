using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>Replacing an instance costs no client anything, and one that does not come up changes nothing.</summary>
public sealed class SwapTests
{
    private const int Swaps = 4;
    private const int Clients = 4;

    private const string Manifest = """
        services:
          web:
            module: ./web.wasm
            forwards: ["8080"]
        """;

    [Fact]
    public async Task Swaps_UnderLoad_FailNoRequest()
    {
        await using var stack = new TestStack(Manifest);
        Build(stack, "http");
        await UpTests.UpAndReadyAsync(stack, stack.Start("up"));
        var port = await stack.PortAsync("web", 8080);
        using var done = new CancellationTokenSource();
        using var kept = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}/"), Timeout = FailureLimit.Duration };
        using var anew = TestStack.NewClient(port);
        var load = Enumerable.Range(0, Clients).SelectMany(_ => new[] { RequestUntilAsync(kept, done.Token), RequestUntilAsync(anew, done.Token) }).ToList();

        for (var swap = 0; swap < Swaps; swap++)
        {
            var before = await anew.GetStringAsync("/instance");
            await stack.RunSuccessfullyAsync("restart", "web");
            Assert.NotEqual(before, await anew.GetStringAsync("/instance"));
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(load), requests => Assert.True(requests > 0));
    }

    [Fact]
    public async Task BuildThatDoesNotComeUp_LeavesTheOldInstanceServing()
    {
        await using var stack = new TestStack(Manifest);
        Build(stack, "http");
        var up = stack.Start("up");
        await UpTests.UpAndReadyAsync(stack, up);
        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));
        var before = await client.GetStringAsync("/instance");

        Build(stack, "trap");
        var failed = await stack.RunAsync("restart", "web");

        Assert.True(failed.ExitCode == 1, failed.All);
        Assert.Contains("serves on as it was: the new instance", failed.All, StringComparison.Ordinal);
        Assert.Equal(before, await client.GetStringAsync("/instance"));
        var web = Assert.Single(await stack.PsAsync());
        Assert.Equal(("running", "healthy"), (web.GetProperty("State").GetString(), web.GetProperty("Health").GetString()));
        await up.LineAsync(line => line.Contains("web-1 swap failed:", StringComparison.Ordinal), "that says why");

        Build(stack, "http");
        await stack.RunSuccessfullyAsync("restart", "web");
        Assert.NotEqual(before, await client.GetStringAsync("/instance"));
    }

    [Fact]
    public async Task UpThatWaits_FailsWhenTheOldInstanceServesOn()
    {
        await using var stack = new TestStack(Manifest);
        Build(stack, "http");
        await stack.RunSuccessfullyAsync("up", "-d", "--wait");

        Build(stack, "trap");
        var again = await stack.RunAsync("up", "-d", "--wait");

        Assert.True(again.ExitCode == 1, again.All);
        Assert.Contains("error: service 'web': serves on as it was: the new instance", again.All, StringComparison.Ordinal);
        await stack.RunSuccessfullyAsync("down");
    }

    [Fact]
    public async Task IdleKeepAliveConnection_DoesNotDelayTheEnd()
    {
        await using var stack = new TestStack(Manifest + "\n    stop_grace_period: 10m");
        Build(stack, "http");
        var up = stack.Start("up");
        await UpTests.UpAndReadyAsync(stack, up);
        using var kept = new HttpClient { BaseAddress = new($"http://127.0.0.1:{await stack.PortAsync("web", 8080)}/"), Timeout = FailureLimit.Duration };
        await kept.GetStringAsync("/instance");

        await stack.RunSuccessfullyAsync("down");

        Assert.Equal(0, (await up.ExitAsync()).ExitCode);
    }

    private static void Build(TestStack stack, string guest)
    {
        var next = Path.Combine(stack.Folder, "next.wasm");
        File.Copy(Harness.Wasmrun.Guest(guest), next, overwrite: true);
        File.Move(next, Path.Combine(stack.Folder, "web.wasm"), overwrite: true);
    }

    /// <summary>Asks again and again; a request that fails throws.</summary>
    private static async Task<int> RequestUntilAsync(HttpClient client, CancellationToken done)
    {
        var requests = 0;
        while (!done.IsCancellationRequested)
        {
            await client.GetStringAsync("/instance", CancellationToken.None);
            requests++;
        }

        return requests;
    }
}
