using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>What <c>dotnet build</c> makes and <c>dotnet run</c> runs, also where the other tests run a published program.</summary>
public sealed class PlainBuildTests
{
    [Fact]
    public async Task Build_RunsAStackInTheBackground()
    {
        await using var stack = new TestStack($$"""
            services:
              web: { module: {{Harness.Wasmrun.Guest("http")}}, forwards: ["8080"], restart: always }
            """) { Program = Harness.Wasmrun.Built };

        await stack.RunSuccessfullyAsync("up", "-d", "--wait");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));
        Assert.Equal("Hello, World!", (await client.GetStringAsync("/")).TrimEnd());
        await stack.RunSuccessfullyAsync("restart", "web");
        Assert.Equal("Hello, World!", (await client.GetStringAsync("/")).TrimEnd());
        await stack.RunSuccessfullyAsync("down");
        Assert.Empty(await stack.PsAsync());
    }
}
