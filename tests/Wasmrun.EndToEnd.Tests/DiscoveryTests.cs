using System.Net;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>Every service of the manifest is found by the others, in whatever order they are started and whether they run or not.</summary>
public sealed class DiscoveryTests
{
    // A client that were to wait instead of being refused would wait longer than the test.
    private static readonly string s_manifest = $$"""
        services:
          web:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
            hold: 1h
          back:
            module: {{Harness.Wasmrun.Guest("http")}}
            hold: 1h
          asks:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
        """;

    [Fact]
    public async Task ServiceThatWasNeverStarted_HasItsNameAndItsAddress_AndRefuses()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d", "--wait", "asks");
        using var asks = TestStack.NewClient(await stack.PortAsync("asks", 8080));
        var hosts = new List<byte>();
        foreach (var service in new[] { "web", "back" })
        {
            hosts.Add((await AddressAsync(asks, service)).GetAddressBytes()[3]);
            await AssertRefusedAsync(asks, service);
        }

        var back = await AddressAsync(asks, "back");
        await stack.RunSuccessfullyAsync("up", "-d", "--wait");

        Assert.Equal([2, 3], hosts);
        Assert.Equal(back, await AddressAsync(asks, "back"));
        await AssertServedAsync(asks, "web");
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("kill")]
    public async Task ServiceThatIsStopped_KeepsItsNameAndItsAddress_AndRefuses_UntilItIsStarted(string command)
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d", "--wait");
        using var asks = TestStack.NewClient(await stack.PortAsync("asks", 8080));
        foreach (var service in new[] { "web", "back" })
        {
            await AssertServedAsync(asks, service);
            var address = await AddressAsync(asks, service);

            await stack.RunSuccessfullyAsync(command, service);
            await StoppedAsync(stack, service);

            await AssertRefusedAsync(asks, service);
            Assert.Equal(address, await AddressAsync(asks, service));
            await stack.RunSuccessfullyAsync("up", "-d", "--wait");
            await AssertServedAsync(asks, service);
            Assert.Equal(address, await AddressAsync(asks, service));
        }
    }

    private static async Task<IPAddress> AddressAsync(HttpClient asks, string service) =>
        IPAddress.Parse((await asks.GetStringAsync($"/file/net/dns/{service}")).Split('\n')[0]);

    private static async Task AssertRefusedAsync(HttpClient asks, string service)
    {
        using var answer = await asks.GetAsync($"/fetch/{service}/8080/");
        Assert.Equal((HttpStatusCode.BadGateway, "Connection refused"), (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).TrimEnd()));
    }

    /// <summary>A service may run before it listens, and one without a forward is not waited for.</summary>
    private static async Task AssertServedAsync(HttpClient asks, string service)
    {
        async Task ServesAsync()
        {
            while (!(await asks.GetAsync($"/fetch/{service}/8080/")).IsSuccessStatusCode)
            {
                await Task.Yield();
            }
        }

        await ServesAsync().OrFail(() => $"{service} is not reached");
    }

    private static async Task StoppedAsync(TestStack stack, string service)
    {
        async Task StopsAsync()
        {
            while ((await stack.PsAsync()).Single(row => row.GetProperty("Service").GetString() == service).GetProperty("State").GetString() != "stopped")
            {
                await Task.Yield();
            }
        }

        await StopsAsync().OrFail(() => $"{service} does not stop");
    }
}
