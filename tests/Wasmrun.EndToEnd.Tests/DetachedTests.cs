using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary><c>up -d</c>, and the commands that talk to a stack from another shell.</summary>
public sealed class DetachedTests
{
    private static readonly string s_manifest = $$"""
        services:
          web:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
          job:
            module: {{Harness.Wasmrun.Guest("exit")}}
            command: ["0"]
        """;

    [Fact]
    public async Task Down_FreesEveryPortAndLeavesNoProcess()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d");
        var port = await stack.PortAsync("web", 8080);
        var runner = await RunnerIdAsync(stack);
        Assert.True(Posix.IsAlive(runner));
        Assert.ThrowsAny<SocketException>(() => TestStack.AssertFree(port));

        var down = await stack.RunSuccessfullyAsync("down");

        Assert.Contains("is down: no instance, listener, socket file or process is left", down.Error, StringComparison.Ordinal);
        TestStack.AssertFree(port);
        Assert.False(Posix.IsAlive(runner));
        Assert.Empty(await stack.PsAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(stack.Environment["WASMRUN_RUNTIME_DIR"], "*.sock", SearchOption.AllDirectories));
    }

    /// <summary>As of a container: one that cannot be started is the command's failure, one that fails later is not.</summary>
    [Fact]
    public async Task UpDetached_FailsWithAServiceThatCannotBeRun()
    {
        await using var stack = new TestStack($$"""
            services:
              job:
                module: {{Harness.Wasmrun.Guest("exit")}}
                command: ["3"]
              tight:
                module: {{Harness.Wasmrun.Guest("exit")}}
                deploy: { resources: { limits: { memory: 64KiB } } }
            """);
        await stack.RunSuccessfullyAsync("up", "-d", "job");

        var finished = await stack.RunAsync("up", "-d", "tight");

        Assert.Equal(1, finished.ExitCode);
        Assert.Contains("service 'tight': could not run: the guest needs ", finished.Error, StringComparison.Ordinal);
        await stack.RunSuccessfullyAsync("down");
    }

    [Fact]
    public async Task UpDetached_SurvivesTheEndOfItsShell()
    {
        await using var stack = new TestStack(s_manifest);
        var setsid = Tools.Require("setsid", "util-linux");
        var shell = stack.StartProgram(setsid, "sh", "-c", $"'{Harness.Wasmrun.Executable}' up -d && echo shell=$$ && exec sleep infinity");
        var line = await shell.LineAsync(line => line.StartsWith("shell=", StringComparison.Ordinal), "with the shell's id");
        var group = int.Parse(line["shell=".Length..], CultureInfo.InvariantCulture);

        Assert.Equal(0, Posix.Kill(-group, Posix.SigHup));
        await shell.ExitAsync();

        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));
        Assert.Equal("Hello, World!", (await client.GetStringAsync("/")).TrimEnd());
    }

    [Fact]
    public async Task UpDetached_LetsGoOfTheOutputOfItsShell()
    {
        await using var stack = new TestStack(s_manifest);
        var shell = stack.StartProgram("sh", "-c", $"text=$('{Harness.Wasmrun.Executable}' up -d 2>&1); echo \"done: $text\"");

        Assert.Equal(0, (await shell.ExitAsync()).ExitCode);
    }

    [Fact]
    public async Task FullErrorStream_KeepsNoCommandFromItsWork_AndIsNoSuccess()
    {
        await using var stack = new TestStack(s_manifest);

        var up = await stack.StartProgram("sh", "-c", $"'{stack.Program}' up -d 2> /dev/full").ExitAsync();
        Assert.True(up.ExitCode == 1, up.All);
        Assert.NotEmpty(await stack.PsAsync());

        var down = await stack.StartProgram("sh", "-c", $"'{stack.Program}' down 2> /dev/full").ExitAsync();
        Assert.True(down.ExitCode == 1, down.All);
        Assert.Empty(await stack.PsAsync());
    }

    [Fact]
    public async Task UpDetached_ReportsATakenPortAsUpDoes()
    {
        await using var first = new TestStack(s_manifest);
        await first.RunSuccessfullyAsync("up", "-d");
        var port = await first.PortAsync("web", 8080);
        await using var second = new TestStack(s_manifest.Replace("\"8080\"", $"\"{port}:8080\"", StringComparison.Ordinal));

        var finished = await second.RunAsync("up", "-d");

        Assert.True(finished.ExitCode == 19, finished.All);
        Assert.Contains($"{await RunnerIdAsync(first)}", finished.Error, StringComparison.Ordinal);
        Assert.Contains("wasmrun", finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ps_TellsOfAServiceThatRunsAndOneThatEnded()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d", "--wait");
        await WaitForExitOfJobAsync(stack);

        var rows = await stack.PsAsync();

        var web = rows.Single(row => row.GetProperty("Service").GetString() == "web");
        Assert.Equal(stack.Name, web.GetProperty("Project").GetString());
        Assert.Equal("web-1", web.GetProperty("Name").GetString());
        Assert.Equal("running", web.GetProperty("State").GetString());
        Assert.Equal("healthy", web.GetProperty("Health").GetString());
        var publisher = web.GetProperty("Publishers")[0];
        Assert.Equal("127.0.0.1", publisher.GetProperty("URL").GetString());
        Assert.Equal(8080, publisher.GetProperty("TargetPort").GetInt32());
        Assert.Equal("tcp", publisher.GetProperty("Protocol").GetString());
        var job = rows.Single(row => row.GetProperty("Service").GetString() == "job");
        Assert.Equal("exited", job.GetProperty("State").GetString());
        Assert.Equal(0, job.GetProperty("ExitCode").GetInt32());
    }

    [Fact]
    public async Task Logs_HaveTheUnterminatedLastLine()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d");
        await WaitForExitOfJobAsync(stack);

        var finished = await stack.RunSuccessfullyAsync("logs", "job");

        Assert.Contains("job-1", finished.Output, StringComparison.Ordinal);
        Assert.Contains("leaving", finished.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LogsFollow_GoesOnOverRestarts()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d");
        var follower = stack.Start("logs", "-f", "web");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));
        for (var round = 0; round < 3; round++)
        {
            var words = $"round-{round}";
            await client.GetStringAsync($"/log/{words}");
            await follower.LineAsync(line => line.EndsWith(words, StringComparison.Ordinal), $"with {words}");
            await stack.RunSuccessfullyAsync("restart", "web");
        }

        await stack.RunSuccessfullyAsync("down");

        Assert.Equal(0, (await follower.ExitAsync()).ExitCode);
    }

    [Fact]
    public async Task KilledRunner_LeavesNothingInTheWayOfTheNextUp()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d");
        var port = await stack.PortAsync("web", 8080);
        Assert.Equal(0, Posix.Kill(await RunnerIdAsync(stack), Posix.SigKill));

        await stack.RunSuccessfullyAsync("up", "-d");

        Assert.Equal(port, await stack.PortAsync("web", 8080));
        using var client = TestStack.NewClient(port);
        Assert.Equal("Hello, World!", (await client.GetStringAsync("/")).TrimEnd());
        var sockets = Assert.Single(PrivateSocketFolders(stack));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(sockets) == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        await stack.RunSuccessfullyAsync("down");
        Assert.Empty(PrivateSocketFolders(stack));
    }

    /// <summary>Where services listen for each other: one folder for each run that is alive, and none that a killed one left.</summary>
    private static string[] PrivateSocketFolders(TestStack stack) =>
        Directory.GetDirectories(Path.Combine(stack.Folder, "run"), "net-*", SearchOption.AllDirectories);

    private static async Task<int> RunnerIdAsync(TestStack stack)
    {
        var finished = await stack.RunSuccessfullyAsync("ls", "--format", "json");
        return JsonDocument.Parse(finished.Output).RootElement.GetProperty("Pid").GetInt32();
    }

    private static async Task WaitForExitOfJobAsync(TestStack stack)
    {
        var follower = stack.Start("logs", "-f", "job");
        await follower.LineAsync(line => line.Contains("leaving", StringComparison.Ordinal), "with the job's last words");
        while ((await stack.PsAsync()).Single(row => row.GetProperty("Service").GetString() == "job").GetProperty("State").GetString() == "running")
        {
            await Task.Yield();
        }
    }
}
