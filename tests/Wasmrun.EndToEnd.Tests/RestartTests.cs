using System.Net.Sockets;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>A guest may end as it likes: its clients are served by the next instance, and none is refused meanwhile.</summary>
public sealed class RestartTests
{
    private const int Rounds = 5;

    private static readonly string s_manifest = $$"""
        services:
          web:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
            restart: { policy: always, delay: 50ms, max_delay: 50ms, jitter: false }
        """;

    [Theory]
    [InlineData("/trap")]
    [InlineData("/exit/3")]
    [InlineData("/exit/0")]
    public async Task Guest_ComesBack_AndClientsThatConnectMeanwhileAreServed(string end)
    {
        await using var stack = new TestStack(s_manifest);
        await UpTests.UpAndReadyAsync(stack, stack.Start("up"));
        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));

        for (var round = 0; round < Rounds; round++)
        {
            var before = await client.GetStringAsync("/instance");
            await EndAsync(client, end);

            // All of them connect while the old instance ends or the new one is not there yet.
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetStringAsync("/instance")));

            Assert.DoesNotContain(before, answers);
            Assert.Single(answers.Distinct(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task RestartCommand_ReplacesTheInstance_AndRefusesNoConnection()
    {
        await using var stack = new TestStack(s_manifest);
        await UpTests.UpAndReadyAsync(stack, stack.Start("up"));
        var port = await stack.PortAsync("web", 8080);
        using var client = TestStack.NewClient(port);
        var before = await client.GetStringAsync("/instance");
        using var done = new CancellationTokenSource();
        var connecting = ConnectUntilAsync(port, done.Token);

        await stack.RunSuccessfullyAsync("restart", "web");
        var after = await client.GetStringAsync("/instance");
        await done.CancelAsync();

        Assert.NotEqual(before, after);
        Assert.True(await connecting > 0);
    }

    [Fact]
    public async Task SpinningGuest_IsStoppedByRestart()
    {
        await using var stack = new TestStack($$"""
            services:
              busy:
                module: {{Harness.Wasmrun.Guest("spin")}}
            """);
        var up = stack.Start("up");
        await up.LineAsync(line => line.EndsWith("| spinning", StringComparison.Ordinal), "that says the guest spins");

        await stack.RunSuccessfullyAsync("restart", "busy");

        await up.LineAsync(line => line.Contains("busy-1 started again", StringComparison.Ordinal), "that says it runs again");
        await stack.RunSuccessfullyAsync("down");
        Assert.Equal(0, (await up.ExitAsync()).ExitCode);
    }

    [Fact]
    public async Task CrashLoop_EndsInAVisibleFailedState()
    {
        await using var stack = new TestStack($$"""
            services:
              broken:
                module: {{Harness.Wasmrun.Guest("exit")}}
                command: ["7"]
                restart: { policy: on-failure, max_attempts: 2, delay: 10ms, jitter: false }
              fine:
                module: {{Harness.Wasmrun.Guest("http")}}
                forwards: ["8080"]
            """);
        var up = stack.Start("up");

        await up.LineAsync(line => line.Contains("broken-1", StringComparison.Ordinal) && line.Contains("exited with code 7", StringComparison.Ordinal), "with the exit code");
        await up.LineAsync(line => line.Contains("broken", StringComparison.Ordinal) && line.Contains("failed", StringComparison.OrdinalIgnoreCase), "that says the service failed");

        var broken = (await stack.PsAsync()).Single(row => row.GetProperty("Service").GetString() == "broken");
        Assert.Equal("failed", broken.GetProperty("State").GetString());
        Assert.Equal(7, broken.GetProperty("ExitCode").GetInt32());
    }

    /// <summary>Sends the request that ends the guest; whether an answer still arrives is the guest's business.</summary>
    private static async Task EndAsync(HttpClient client, string path)
    {
        try
        {
            await client.GetStringAsync(path);
        }
        catch (HttpRequestException)
        {
            // A trap closes the connection without an answer.
        }
    }

    /// <summary>Opens connection after connection; a refused one throws.</summary>
    private static async Task<int> ConnectUntilAsync(int port, CancellationToken done)
    {
        var connections = 0;
        while (!done.IsCancellationRequested)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, CancellationToken.None);
            connections++;
        }

        return connections;
    }
}
