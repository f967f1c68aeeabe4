using System.Net;
using System.Net.Sockets;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>What a user sees of <c>wasmrun up</c> in the foreground.</summary>
public sealed class UpTests
{
    private static readonly string s_threeServices = $$"""
        services:
          one:
            module: {{Harness.Wasmrun.Guest("http")}}
            environment: { WHO: one }
            forwards: ["8080"]
          two:
            module: {{Harness.Wasmrun.Guest("http")}}
            environment: { WHO: two }
            forwards: ["8080"]
            depends_on: [one]
          three:
            module: {{Harness.Wasmrun.Guest("http")}}
            environment: { WHO: three }
            forwards: ["8080"]
            depends_on: [two]
        """;

    [Fact]
    public async Task Up_ServesThreeServicesOnTheSameInnerPort()
    {
        await using var stack = new TestStack(s_threeServices);
        var up = stack.Start("up");
        await UpAndReadyAsync(stack, up);

        var ports = new HashSet<int>();
        foreach (var service in new[] { "one", "two", "three" })
        {
            var port = await stack.PortAsync(service, 8080);
            ports.Add(port);
            using var client = TestStack.NewClient(port);
            Assert.Equal(service, (await client.GetStringAsync("/env/WHO")).TrimEnd());
        }

        Assert.Equal(3, ports.Count);
    }

    [Fact]
    public async Task Up_PrefixesLogsAndShowsWhereEachServiceIsReached()
    {
        await using var stack = new TestStack(s_threeServices);
        var up = stack.Start("up");
        await UpAndReadyAsync(stack, up);
        var port = await stack.PortAsync("two", 8080);

        using var client = TestStack.NewClient(port);
        await client.GetStringAsync("/log/hello-from-two");

        var line = await up.LineAsync(line => line.Contains("hello-from-two", StringComparison.Ordinal), "with the guest's words");
        Assert.Matches(@"^two-1 +\| hello-from-two$", line);
        await up.LineAsync(line => line.Contains($"localhost:{port}", StringComparison.Ordinal), $"that names localhost:{port}");
    }

    [Fact]
    public async Task Up_AnswersOnBothLoopbackAddresses()
    {
        await using var stack = new TestStack(s_threeServices);
        await UpAndReadyAsync(stack, stack.Start("up"));
        var port = await stack.PortAsync("one", 8080);

        foreach (var host in new[] { "127.0.0.1", "[::1]" })
        {
            using var client = new HttpClient();
            Assert.Equal("one", (await client.GetStringAsync(new Uri($"http://{host}:{port}/env/WHO"))).TrimEnd());
        }
    }

    [Fact]
    public async Task Up_StopsInReverseOrderOnInterrupt()
    {
        await using var stack = new TestStack(s_threeServices);
        var up = stack.Start("up");
        await UpAndReadyAsync(stack, up);
        var port = await stack.PortAsync("one", 8080);

        up.Signal(Posix.SigInt);
        var finished = await up.ExitAsync();

        Assert.True(finished.ExitCode == 0, finished.All);
        Assert.Contains("press Ctrl+C again to force", finished.Error, StringComparison.Ordinal);
        var stopped = finished.Error.Split('\n').Where(line => line.Contains("topped", StringComparison.Ordinal)).ToList();
        int Place(string service) => stopped.FindIndex(line => line.Contains(service + "-1", StringComparison.Ordinal));
        Assert.True(Place("three") >= 0 && Place("three") < Place("two") && Place("two") < Place("one"), finished.All);
        TestStack.AssertFree(port);
    }

    [Fact]
    public async Task Up_FailsBeforeItStartsAnything_WhenAPortIsTaken()
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        holder.Listen();
        var taken = ((IPEndPoint)holder.LocalEndPoint!).Port;
        await using var stack = new TestStack($$"""
            services:
              first:
                module: {{Harness.Wasmrun.Guest("http")}}
                forwards: ["8080"]
              second:
                module: {{Harness.Wasmrun.Guest("http")}}
                forwards:
                  - "{{taken}}:8080"
            """);

        var finished = await stack.RunAsync("up");

        Assert.True(finished.ExitCode == 19, finished.All);
        Assert.Contains($"{taken}", finished.Error, StringComparison.Ordinal);
        Assert.Contains("second", finished.Error, StringComparison.Ordinal);
        Assert.Contains("wasmrun-compose.yaml(9,9)", finished.Error, StringComparison.Ordinal);
        Assert.Contains($"{Environment.ProcessId}", finished.Error, StringComparison.Ordinal);
        Assert.Matches(@"\d+ is free", finished.Error);
        Assert.DoesNotContain("listening on", finished.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_RejectsAnInvalidManifestWithItsPlace()
    {
        await using var stack = new TestStack("""
            services:
              web:
                module: ./missing.wasm
                depends_on: [wbe]
            """);

        var finished = await stack.RunAsync("up");

        Assert.True(finished.ExitCode == 2, finished.All);
        Assert.Contains("wasmrun-compose.yaml(4,", finished.Error, StringComparison.Ordinal);
        Assert.Contains("wasmrun-compose.yaml(5,", finished.Error, StringComparison.Ordinal);
    }

    internal static async Task UpAndReadyAsync(TestStack stack, RunningProcess up)
    {
        await up.LineAsync(line => line.Contains("Press Ctrl+C to stop", StringComparison.Ordinal), "that says the stack is up");
        Assert.False(up.HasExited, up.Transcript());
        Assert.NotEmpty(await stack.PsAsync());
    }
}
