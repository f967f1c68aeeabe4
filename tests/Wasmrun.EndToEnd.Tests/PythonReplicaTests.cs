using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>Several instances of one Python project behind one forward.</summary>
public sealed class PythonReplicaTests
{
    private const int Replicas = 3;

    private const string Manifest = """
        services:
          web:
            project: ./web
            forwards: ["3000"]
            healthcheck: { http: /, start_interval: 200ms, start_period: 60s }
            deploy: { replicas: 3 }
        """;

    /// <summary>Tells which instance it is: by the system's random bytes, and by Python's random numbers, whose state an image holds.</summary>
    private const string Application = """
        import os, random, uuid

        NAME = '%s %d' % (uuid.uuid4(), random.getrandbits(60))

        def application(environ, start_response):
            if environ['PATH_INFO'] == '/compute':
                open('/app/computes-' + NAME[:8], 'w').close()
                while not os.path.exists('/app/enough'):
                    pass
            start_response('200 OK', [('Connection', 'close')] if environ['PATH_INFO'] != '/instance' else [])
            return [b'FIRST ' + NAME.encode()]
        """;

    [Fact]
    public async Task Replicas_ShareTheForward_AndWhoComputesLeavesClientsToTheOthers()
    {
        await using var stack = new TestStack(Manifest);
        var folder = await UpAsync(stack);
        var port = await stack.PortAsync("web", 3000);
        var clients = Enumerable.Range(0, Replicas).Select(_ => TestStack.NewClient(port)).ToList();

        var computing = new List<Task<string>>();
        foreach (var client in clients.SkipLast(1))
        {
            computing.Add(client.GetStringAsync("/compute"));
            await WhenThereAreAsync(folder, computing.Count).OrFail(() => $"{computing.Count} replicas that compute");
        }

        var last = await clients[^1].GetStringAsync("/");
        await File.WriteAllTextAsync(Path.Combine(folder, "enough"), "", TestContext.Current.CancellationToken);

        var names = (await Task.WhenAll(computing)).Append(last).Select(answer => answer.Split(' ')).ToList();
        Assert.Equal(Replicas, names.Select(name => name[1]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(Replicas, names.Select(name => name[2]).Distinct(StringComparer.Ordinal).Count());
        clients.ForEach(client => client.Dispose());
        await stack.RunSuccessfullyAsync("down");
    }

    [Fact]
    public async Task RollingReload_RefusesNobody()
    {
        await using var stack = new TestStack(Manifest);
        var folder = await UpAsync(stack);
        var port = await stack.PortAsync("web", 3000);
        using var client = TestStack.NewClient(port);
        var load = new RawLoad(port, 2, 50, 50);
        await using (load)
        {
            foreach (var word in new[] { "SECOND", "THIRD" })
            {
                await File.WriteAllTextAsync(Path.Combine(folder, "app.py"), Application.Replace("FIRST", word, StringComparison.Ordinal), TestContext.Current.CancellationToken);
                await stack.RunSuccessfullyAsync("up", "-d", "--wait");
                Assert.StartsWith(word, await client.GetStringAsync("/"), StringComparison.Ordinal);
            }
        }

        Assert.True(load.Answers > 0);
        Assert.Empty(load.Refused);
        Assert.Empty(load.Broken);
        Assert.Equal(Replicas, (await stack.PsAsync()).Count);
        await stack.RunSuccessfullyAsync("down");
    }

    private static async Task<string> UpAsync(TestStack stack)
    {
        var folder = Directory.CreateDirectory(Path.Combine(stack.Folder, "web")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "app.py"), Application, TestContext.Current.CancellationToken);
        var up = await stack.RunAsync("up", "-d", "--wait");
        Assert.SkipWhen(up.Error.Contains("cannot fetch", StringComparison.Ordinal), $"the runtime is not to be had: {up.Error}");
        Assert.True(up.ExitCode == 0, up.All);
        return folder;
    }

    private static async Task WhenThereAreAsync(string folder, int count)
    {
        while (Directory.GetFiles(folder, "computes-*").Length < count)
        {
            await Task.Yield();
        }
    }
}
