using System.Globalization;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>What becomes of output when the stack ends: who reads has all of it, and who does not keeps nothing from ending.</summary>
public sealed class ReaderTests
{
    private const int Bytes = 4_000_000;
    private static readonly string s_manifest = $$"""
        services:
          flood:
            module: {{Harness.Wasmrun.Guest("flood")}}
          job:
            module: {{Harness.Wasmrun.Guest("flood")}}
            command: ["{{Bytes}}"]
          stay:
            module: {{Harness.Wasmrun.Guest("blocked")}}
            command: [sleep]
        """;

    [Theory]
    [InlineData("up flood", "down", 0)]
    [InlineData("run --name once flood", "down", 1)]
    [InlineData("run --name once flood", "stop once", 1)]
    [InlineData("run --name once flood", "kill once", 1)]
    public async Task UnreadOutput_KeepsNothingFromBeingEndedByAnotherCommand(string command, string end, int code)
    {
        await using var stack = new TestStack(s_manifest);
        var shell = await StartUnreadAsync(stack, command);

        await stack.RunSuccessfullyAsync(end.Split(' '));

        Assert.Equal(code, (await shell.ExitAsync()).ExitCode);
    }

    [Theory]
    [InlineData("up flood")]
    [InlineData("logs -f flood")]
    public async Task UnreadOutputOfARunnerElsewhere_DoesNotKeepItFromEnding(string command)
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d", "stay", "flood");
        var shell = await StartUnreadAsync(stack, command);

        await stack.RunSuccessfullyAsync("down");

        if (command.StartsWith("up", StringComparison.Ordinal))
        {
            Assert.Equal(0, (await shell.ExitAsync()).ExitCode);
        }
    }

    [Fact]
    public async Task FollowedLogs_AreWhole_WhenTheStackIsTakenDown()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d", "stay", "job");
        await stack.RunSuccessfullyAsync("wait", "job");
        var logs = stack.StartProgram(
            "sh", "-c", $"'{stack.Program}' logs -f --no-log-prefix job | {{ dd bs=1 count=1 2> /dev/null; echo begun >&2; cat; }} | cksum | cut -d ' ' -f 2");
        await logs.LineAsync(line => line == "begun", "that tells of the first byte");

        await stack.RunSuccessfullyAsync("down");

        var finished = await logs.ExitAsync();
        Assert.Equal(Bytes.ToString(CultureInfo.InvariantCulture), finished.Output.Trim());
        Assert.Equal("begun", finished.Error);
    }

    [Fact]
    public async Task UpOnARunningStack_ShowsAllOfAServiceThatEndsByItself_AndLeavesTheOthersRunning()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d", "stay");

        var shell = stack.StartProgram("sh", "-c", $"'{stack.Program}' up --no-log-prefix job | cksum | cut -d ' ' -f 2");

        var finished = await shell.ExitAsync();
        Assert.True(finished.Output.Trim() == Bytes.ToString(CultureInfo.InvariantCulture), finished.All);
        Assert.Contains("still running: stay; 'wasmrun down' stops the stack", finished.Error, StringComparison.Ordinal);
        Assert.Equal("stay", (await stack.RunSuccessfullyAsync("ps", "--services")).Output);
    }

    /// <summary>Starts a command whose output is read up to its first byte, and held open.</summary>
    private static async Task<RunningProcess> StartUnreadAsync(TestStack stack, string command)
    {
        var fifo = Path.Combine(stack.Folder, "unread");
        Assert.Equal(0, (await stack.StartProgram("mkfifo", fifo).ExitAsync()).ExitCode);
        var shell = stack.StartProgram("sh", "-c", $"exec 3<>'{fifo}'; exec '{stack.Program}' {command} > '{fifo}'");
        using var reader = new FileStream(fifo, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        Assert.Equal(1, await reader.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        return shell;
    }
}
