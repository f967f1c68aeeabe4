using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>Replicas share the forwards and the name of their service, and come and go without a client noticing.</summary>
public sealed class ScaleTests
{
    private static readonly string s_manifest = $$"""
        services:
          web:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
            networks: { default: { aliases: [site] } }
            deploy: { replicas: 2 }
          front:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
            depends_on: { web: { condition: service_healthy } }
        """;

    [Fact]
    public async Task Replicas_ShareNewConnectionsOfClientsAndOfOtherServices()
    {
        await using var stack = new TestStack(s_manifest);
        var up = stack.Start("up");
        await UpTests.UpAndReadyAsync(stack, up);
        using var web = TestStack.NewClient(await stack.PortAsync("web", 8080));
        using var front = TestStack.NewClient(await stack.PortAsync("front", 8080));

        var instances = await InstancesAsync(web, "/instance", count: 2);

        Assert.Equal(instances, await InstancesAsync(front, "/fetch/web/8080/instance", count: 2));
        Assert.Equal(instances, await InstancesAsync(front, "/fetch/site/8080/instance", count: 2));
        await web.GetStringAsync("/log/hello");
        var line = await up.LineAsync(line => line.EndsWith("| hello", StringComparison.Ordinal), "that a replica printed");
        var number = line["web-".Length..line.IndexOf(' ', StringComparison.Ordinal)];
        Assert.Contains("hello", (await stack.RunSuccessfullyAsync("logs", "--index", number, "web")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hello", (await stack.RunSuccessfullyAsync("logs", "--index", number == "1" ? "2" : "1", "web")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ScaleUpAndDown_UnderLoad_FailsNoRequest()
    {
        await using var stack = new TestStack(s_manifest);
        await UpTests.UpAndReadyAsync(stack, stack.Start("up", "--scale", "web=1"));
        using var web = TestStack.NewClient(await stack.PortAsync("web", 8080));
        using var done = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => RequestUntilAsync(web, done.Token)).ToList();
        var first = Assert.Single(await InstancesAsync(web, "/instance", count: 1));

        await stack.RunSuccessfullyAsync("scale", "web=3");
        Assert.Contains(first, await InstancesAsync(web, "/instance", count: 3));
        Assert.Equal(["web-1", "web-2", "web-3"], await NamesAsync(stack));
        await stack.RunSuccessfullyAsync("restart", "web");
        Assert.DoesNotContain(first, await InstancesAsync(web, "/instance", count: 3));
        await stack.RunSuccessfullyAsync("scale", "web=1");
        Assert.Equal(["web-1"], await NamesAsync(stack));

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(load), requests => Assert.True(requests > 0));
        await stack.RunSuccessfullyAsync("scale", "web=0");
        await Assert.ThrowsAsync<HttpRequestException>(() => web.GetStringAsync("/"));
    }

    /// <summary>The limit of the process is the one thing that all guests share; those that want it all leave the others and the runner theirs.</summary>
    [Fact]
    public async Task GuestsThatTakeAllDescriptors_LeaveSomeToOthersAndToTheRunner()
    {
        await using var stack = new TestStack($$"""
            services:
              web: { module: {{Harness.Wasmrun.Guest("http")}}, forwards: ["8080"] }
              hog:
                module: {{Harness.Wasmrun.Guest("hog")}}
                command: [opening]
                volumes: [".:/:ro"]
                deploy: { replicas: 3, resources: { limits: { descriptors: 60000 } } }
            """);
        var up = stack.StartProgram("/bin/sh", "-c", "ulimit -n 600; exec \"$0\" \"$@\"", stack.Program, "up");
        await UpTests.UpAndReadyAsync(stack, up);
        using var web = TestStack.NewClient(await stack.PortAsync("web", 8080));
        foreach (var number in new[] { 1, 2, 3 })
        {
            await up.LineAsync(line => line.StartsWith($"hog-{number} ", StringComparison.Ordinal) && line.EndsWith("descriptors, and on", StringComparison.Ordinal), "that it can have no more");
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => web.GetStringAsync("/")));
        await stack.RunSuccessfullyAsync("scale", "web=2", "hog=1");
        Assert.Equal(["web-1", "web-2"], await NamesAsync(stack));
    }

    /// <summary>Asks until so many have answered.</summary>
    private static async Task<HashSet<string>> InstancesAsync(HttpClient client, string path, int count)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        async Task AskAsync()
        {
            while (found.Count < count)
            {
                found.UnionWith(await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetStringAsync(path))));
            }
        }

        await AskAsync().OrFail(() => $"only {found.Count} of {count} replicas answered");
        return found;
    }

    private static async Task<IEnumerable<string?>> NamesAsync(TestStack stack) =>
        (await stack.PsAsync()).Select(row => row.GetProperty("Name").GetString()).Where(name => name!.StartsWith("web", StringComparison.Ordinal));

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
