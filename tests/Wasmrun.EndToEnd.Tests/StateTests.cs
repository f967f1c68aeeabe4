using System.Text.Json;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>Who is the runner of which project, with several of them on one machine.</summary>
public sealed class StateTests
{
    private static readonly string s_manifest = $$"""
        services:
          web:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
        """;

    [Fact]
    public async Task TwoUpsAtOnce_MakeOneRunner()
    {
        await using var stack = new TestStack(s_manifest);

        var both = await Task.WhenAll(stack.RunAsync("up", "-d"), stack.RunAsync("up", "-d"));

        Assert.All(both, finished => Assert.True(finished.ExitCode == 0, finished.All));
        Assert.Single(Rows(await stack.RunSuccessfullyAsync("ls", "--format", "json")));
        Assert.Single(await stack.PsAsync());
    }

    [Fact]
    public async Task SameManifestUnderAnotherName_RunsSideBySide()
    {
        await using var stack = new TestStack(s_manifest);
        var other = stack.Name + "-other";
        await stack.RunSuccessfullyAsync("up", "-d");
        await stack.RunSuccessfullyAsync("-p", other, "up", "-d");
        try
        {
            Assert.Equal(2, Rows(await stack.RunSuccessfullyAsync("ls", "--format", "json")).Count);
            var otherPort = (await stack.RunSuccessfullyAsync("-p", other, "port", "web", "8080")).Output.Split(':')[^1];
            Assert.NotEqual($"{await stack.PortAsync("web", 8080)}", otherPort);
        }
        finally
        {
            await stack.RunSuccessfullyAsync("-p", other, "down");
        }

        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));
        Assert.Equal("Hello, World!", (await client.GetStringAsync("/")).TrimEnd());
    }

    [Fact]
    public async Task KilledRunner_IsToldOf_AndDownRemovesWhatItLeft()
    {
        await using var stack = new TestStack(s_manifest + "\n    volumes: [\"data:/data\"]\nvolumes: { data: {} }");
        await stack.RunSuccessfullyAsync("up", "-d");
        var state = Path.Combine(stack.Folder, "state", stack.Name);
        var record = Path.Combine(state, "stack.json");
        await WrittenAsync(record);
        var runner = Rows(await stack.RunSuccessfullyAsync("ls", "--format", "json"))[0].GetProperty("Pid").GetInt32();
        Assert.Equal(0, Posix.Kill(runner, Posix.SigKill));
        while (Posix.IsAlive(runner))
        {
            await Task.Yield();
        }

        var logs = await stack.RunAsync("logs");
        Assert.Equal(1, logs.ExitCode);
        Assert.Contains($"(pid {runner}) was killed", logs.All, StringComparison.Ordinal);
        var listed = await stack.RunAsync("ps");
        Assert.True(listed.ExitCode == 0, listed.All);
        Assert.StartsWith($"warning: the runner of '{stack.Name}' (pid {runner}) was killed;", listed.Error, StringComparison.Ordinal);
        var down = await stack.RunSuccessfullyAsync("down", "-v");

        Assert.Contains("what it left is removed", down.All, StringComparison.Ordinal);
        Assert.False(File.Exists(record));
        Assert.Empty(Directory.GetDirectories(Path.Combine(state, "volumes")));
        Assert.Empty(Directory.GetDirectories(Path.Combine(state, "logs")));
        Assert.False(Directory.Exists(Path.Combine(stack.Folder, "run", stack.Name)));
    }

    private static async Task WrittenAsync(string file)
    {
        async Task WaitAsync()
        {
            while (!File.Exists(file))
            {
                await Task.Yield();
            }
        }

        await WaitAsync().OrFail(() => $"{file} is not written");
    }

    private static List<JsonElement> Rows(Finished finished) =>
        [.. finished.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
