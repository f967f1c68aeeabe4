using System.Text.Json;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary><c>wasmrun run</c>: an instance of a service that runs once, beside its stack or without one.</summary>
public sealed class RunTests
{
    private static readonly string s_manifest = $$"""
        services:
          web:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
            environment: { WHO: manifest, OTHER: manifest }
            stop_grace_period: 60s
            networks: { default: { aliases: [site] } }
          job:
            module: {{Harness.Wasmrun.Guest("exit")}}
            command: ["3"]
            depends_on: { web: { condition: service_healthy } }
          trap:
            module: {{Harness.Wasmrun.Guest("trap")}}
          flood:
            module: {{Harness.Wasmrun.Guest("flood")}}
          waits:
            module: {{Harness.Wasmrun.Guest("blocked")}}
            command: [sleep]
          lost:
            module: {{Harness.Wasmrun.Guest("exit")}}
            command: ["0"]
            depends_on: { job: { condition: service_completed_successfully } }
          hidden:
            module: {{Harness.Wasmrun.Guest("exit")}}
            command: ["0"]
            profiles: [tools]
        """;

    [Fact]
    public async Task Run_WithoutAStack_GivesOutputAndExitCode_AndLeavesNothing()
    {
        await using var stack = new TestStack(s_manifest);

        var plain = await stack.RunAsync("run", "--no-deps", "job");
        var other = await stack.RunAsync("run", "--rm", "-T", "--no-deps", "job", "5", "--rm");
        var hidden = await stack.RunAsync("run", "hidden");

        Assert.True(plain is { ExitCode: 3, Output: "leaving", Error: "" }, plain.All);
        Assert.True(other is { ExitCode: 5, Output: "leaving", Error: "" }, other.All);
        Assert.True(hidden is { ExitCode: 0, Output: "leaving", Error: "" }, hidden.All);
        Assert.Empty((await stack.RunSuccessfullyAsync("ls", "-q")).Output);
        var state = Path.Combine(stack.Environment["WASMRUN_STATE_DIR"], stack.Name);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(state, "logs")));
        Assert.False(File.Exists(Path.Combine(state, "stack.json")));
    }

    [Fact]
    public async Task Run_AwaitsWhatItDependsOn_AndLeavesThatUp()
    {
        await using var stack = new TestStack(s_manifest);

        var first = await stack.RunAsync("run", "job");
        var web = Assert.Single(await stack.PsAsync());
        var second = await stack.RunAsync("run", "job");

        Assert.True(first is { ExitCode: 3, Output: "leaving" }, first.All);
        Assert.Contains("web-1  Healthy", first.Error, StringComparison.Ordinal);
        Assert.True(second is { ExitCode: 3, Output: "leaving", Error: "" }, second.All);
        Assert.Equal("web-1", web.GetProperty("Name").GetString());
        Assert.Equal("healthy", web.GetProperty("Health").GetString());
        Assert.Equal(web.GetProperty("StartedAt").GetString(), Assert.Single(await stack.PsAsync()).GetProperty("StartedAt").GetString());
    }

    [Fact]
    public async Task Run_IsTheServiceWithWhatTheFlagsSay_AndNoReplicaOfIt()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d", "web");
        var run = stack.Start("run", "--name", "extra", "-e", "WHO=flag", "-p", "0:9090", "-v", $"{stack.Folder}:/here", "web", "9090", "--more");
        await run.LineAsync(line => line == "listening on 9090", "that it listens");
        using var extra = TestStack.NewClient(await stack.PortAsync("extra", 9090));
        using var web = TestStack.NewClient(await stack.PortAsync("web", 8080));

        Assert.Equal("flag", (await extra.GetStringAsync("/env/WHO")).TrimEnd());
        Assert.Equal("manifest", (await extra.GetStringAsync("/env/OTHER")).TrimEnd());
        Assert.EndsWith("9090\n--more", (await extra.GetStringAsync("/args")).TrimEnd(), StringComparison.Ordinal);
        Assert.StartsWith("name:", await extra.GetStringAsync("/file/here/wasmrun-compose.yaml"), StringComparison.Ordinal);
        var served = await web.GetStringAsync("/instance");
        for (var asked = 0; asked < 8; asked++)
        {
            Assert.Equal(served, await web.GetStringAsync("/instance"));
            Assert.Contains(served.TrimEnd(), await extra.GetStringAsync("/fetch/web/8080/instance"), StringComparison.Ordinal);
            Assert.Contains(served.TrimEnd(), await extra.GetStringAsync("/fetch/site/8080/instance"), StringComparison.Ordinal);
        }

        run.Signal(Posix.SigTerm);
        Assert.Equal(130, (await run.ExitAsync()).ExitCode);
        Assert.Equal(["web"], await ServicesAsync(stack));
    }

    [Fact]
    public async Task TwoAtOnce_AreSeen_AreLeftAloneByUp_AndEndWithDown()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d", "web");
        var first = stack.Start("run", "waits");
        var second = stack.Start("run", "waits");
        foreach (var run in new[] { first, second })
        {
            await run.LineAsync(line => line == "blocking in sleep", "that it runs");
        }

        var names = (await ServicesAsync(stack)).Where(name => name.StartsWith("waits-run-", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, names.Count);
        var events = await stack.RunSuccessfullyAsync("events", "--since", "10m", "--until", "0s");
        Assert.Contains($"{names[0]} started: an instance runs", events.Output, StringComparison.Ordinal);
        Assert.Contains("blocking in sleep", (await stack.RunSuccessfullyAsync("logs", names[0])).Output, StringComparison.Ordinal);
        Assert.Contains(names[1], (await stack.RunSuccessfullyAsync("stats", "--no-stream")).Output, StringComparison.Ordinal);
        var taken = await stack.RunAsync("run", "--name", names[0], "trap");
        Assert.True(taken.ExitCode == 1 && taken.Error.Contains($"'{names[0]}' runs already", StringComparison.Ordinal), taken.All);
        stack.Write(s_manifest.Replace("OTHER: manifest", "OTHER: changed", StringComparison.Ordinal));
        await stack.RunSuccessfullyAsync("up", "-d", "--wait", "--remove-orphans", "web");
        await stack.RunSuccessfullyAsync("restart");
        Assert.Superset(names.ToHashSet(), (await ServicesAsync(stack)).ToHashSet());

        await stack.RunSuccessfullyAsync("kill", names[0]);
        var killed = await Task.WhenAny(first.ExitAsync(), second.ExitAsync()).Unwrap();
        Assert.True(killed.ExitCode == 1 && killed.Error.Contains("was stopped before it had ended", StringComparison.Ordinal), killed.All);
        await stack.RunSuccessfullyAsync("down");

        var ends = await Task.WhenAll(first.ExitAsync(), second.ExitAsync());
        Assert.All(ends, end => Assert.True(end is { ExitCode: 1, Output: "blocking in sleep" }, end.All));
        Assert.Empty(await stack.PsAsync());
    }

    [Fact]
    public async Task CtrlC_AsksItToEnd_AndAnotherOneKillsIt()
    {
        await using var stack = new TestStack(s_manifest);
        var run = stack.Start("run", "--service-ports", "web");
        await run.LineAsync(line => line == "listening on 8080", "that it listens");
        var name = Assert.Single(await ServicesAsync(stack));
        using var client = TestStack.NewClient(await stack.PortAsync(name, 8080));
        await client.GetStringAsync("/log/last");
        await run.LineAsync(line => line == "last", "that it prints");
        var pending = client.GetStringAsync("/spin");
        await ClientsAsync(stack, name);

        run.Signal(Posix.SigInt);
        await run.LineAsync(line => line.StartsWith("Gracefully stopping", StringComparison.Ordinal), "that it waits for the client");
        run.Signal(Posix.SigInt);

        var ended = await run.ExitAsync();
        Assert.True(ended is { ExitCode: 130, Output: "listening on 8080\nlast" }, ended.All);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => pending);
    }

    [Fact]
    public async Task CtrlC_WhileItWaitsForItsTurn_EndsIt()
    {
        await using var stack = new TestStack(s_manifest.Replace("service_healthy", "service_completed_successfully", StringComparison.Ordinal));
        var run = stack.Start("run", "job");
        await run.LineAsync(line => line.Contains("web-1  Healthy", StringComparison.Ordinal), "that the other one is there");

        run.Signal(Posix.SigInt);

        var ended = await run.ExitAsync();
        Assert.True(ended is { ExitCode: 130, Output: "" }, ended.All);
        Assert.Equal(["web"], await ServicesAsync(stack));
    }

    [Fact]
    public async Task KilledCommand_LeavesNothing()
    {
        await using var stack = new TestStack(s_manifest);
        await stack.RunSuccessfullyAsync("up", "-d", "web");
        var run = stack.Start("run", "waits");
        await run.LineAsync(line => line == "blocking in sleep", "that it runs");

        run.Signal(Posix.SigKill);
        await run.ExitAsync();

        await GoneAsync(stack, name => name != "web");
    }

    [Fact]
    public async Task KilledCommand_WithoutAStack_EndsTheRunnerToo()
    {
        await using var stack = new TestStack(s_manifest);
        var run = stack.Start("run", "waits");
        await run.LineAsync(line => line == "blocking in sleep", "that it runs");
        var runner = await RunnerIdAsync(stack);

        run.Signal(Posix.SigKill);
        await run.ExitAsync();

        async Task EndsAsync()
        {
            while (Posix.IsAlive(runner))
            {
                await Task.Yield();
            }
        }

        await Task.Run(EndsAsync).OrFail(() => "the runner goes on");
    }

    [Fact]
    public async Task ManyAtOnce_HaveEachItsOwnEnd()
    {
        await using var stack = new TestStack(s_manifest);

        var ends = await Task.WhenAll(Enumerable.Range(20, 8).Select(code => stack.RunAsync("run", code % 2 == 0 ? "--no-deps" : "--rm", "job", $"{code}")));

        Assert.Equal(Enumerable.Range(20, 8), ends.Select(end => end.ExitCode));
        Assert.All(ends, end => Assert.Equal("leaving", end.Output));
        Assert.Equal(["web"], await ServicesAsync(stack));
    }

    [Fact]
    public async Task Build_IsRunOnce_AndIsNoOutputOfTheGuest()
    {
        await using var stack = new TestStack($$"""
            services:
              tool:
                module: ./tool.wasm
                build: cp {{Harness.Wasmrun.Guest("exit")}} tool.wasm && echo built
              other:
                module: {{Harness.Wasmrun.Guest("http")}}
            """);
        await stack.RunSuccessfullyAsync("up", "-d", "other");

        var first = await stack.RunAsync("run", "tool", "4");
        var second = await stack.RunAsync("run", "tool", "5");
        var again = await stack.RunAsync("run", "--build", "tool", "6");

        Assert.True(first is { ExitCode: 4, Output: "leaving" }, first.All);
        Assert.Contains("built", first.Error.Split('\n'));
        Assert.True(second is { ExitCode: 5, Output: "leaving", Error: "" }, second.All);
        Assert.True(again is { ExitCode: 6, Output: "leaving" }, again.All);
        Assert.Contains("built", again.Error.Split('\n'));
    }

    [Fact]
    public async Task Run_BesideAStackInTheForeground_EndsWithIt()
    {
        await using var stack = new TestStack(s_manifest);
        var up = stack.Start("up", "web");
        await UpTests.UpAndReadyAsync(stack, up);
        var run = stack.Start("run", "waits");
        await run.LineAsync(line => line == "blocking in sleep", "that it runs");

        up.Signal(Posix.SigInt);

        Assert.Equal(0, (await up.ExitAsync()).ExitCode);
        var ended = await run.ExitAsync();
        Assert.True(ended is { ExitCode: 1, Output: "blocking in sleep" }, ended.All);
    }

    [Fact]
    public async Task KilledRunner_IsToldOf()
    {
        await using var stack = new TestStack(s_manifest);
        var run = stack.Start("run", "waits");
        await run.LineAsync(line => line == "blocking in sleep", "that it runs");

        Assert.Equal(0, Posix.Kill(await RunnerIdAsync(stack), Posix.SigKill));

        var ended = await run.ExitAsync();
        Assert.True(ended.ExitCode == 1 && ended.Error.Contains("the runner of the stack ended before 'waits-run-", StringComparison.Ordinal), ended.All);
    }

    [Fact]
    public async Task Trap_IsExitCode134_AndIsExplained()
    {
        await using var stack = new TestStack(s_manifest);

        var finished = await stack.RunAsync("run", "trap");

        Assert.True(finished is { ExitCode: 134, Output: "trapping" }, finished.All);
        Assert.Contains("unreachable", finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailedDependency_IsNamed_AndNothingRunsOn()
    {
        await using var stack = new TestStack(s_manifest.Replace("service_healthy", "service_started", StringComparison.Ordinal));

        var finished = await stack.RunAsync("run", "lost");

        Assert.True(finished is { ExitCode: 1, Output: "" }, finished.All);
        Assert.Contains("'job', which it depends on, exited with code 3", finished.Error, StringComparison.Ordinal);
        Assert.Equal(["job", "web"], await ServicesAsync(stack));
    }

    [Theory]
    [InlineData(new[] { "run", "wbe" }, 1, "no such service: wbe; there are: web, job")]
    [InlineData(new[] { "run", "--entrypoint", "a.js", "web" }, 2, "--entrypoint a.js: error WR1215: 'entrypoint' is for a 'project'")]
    [InlineData(new[] { "run", "-p", "nine", "web" }, 2, "--publish nine: error WR1301")]
    [InlineData(new[] { "run", "--name", "web-7", "web" }, 1, "the name 'web-7' is that of service 'web'")]
    [InlineData(new[] { "run", "--name", "No Good", "web" }, 2, "'No Good' cannot name a service")]
    [InlineData(new[] { "run" }, 2, "Required argument 'SERVICE' missing")]
    public async Task Mistakes_AreExplained_AndLeaveNothing(string[] arguments, int exitCode, string complaint)
    {
        await using var stack = new TestStack(s_manifest);

        var finished = await stack.RunAsync(arguments);

        Assert.True(finished.ExitCode == exitCode && finished.Error.Contains(complaint, StringComparison.Ordinal), finished.All);
        Assert.Empty((await stack.RunSuccessfullyAsync("ls", "-q")).Output);
    }

    [Fact]
    public async Task WhatCannotBeLoaded_AndATakenPort_AreReportedAsByUp()
    {
        await using var stack = new TestStack(s_manifest.Replace(Harness.Wasmrun.Guest("trap"), "./broken.wasm", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(stack.Folder, "broken.wasm"), "nothing");
        await stack.RunSuccessfullyAsync("up", "-d", "web");

        var broken = await stack.RunAsync("run", "trap");
        var taken = await stack.RunAsync("run", "-p", $"{await stack.PortAsync("web", 8080)}:8080", "web");

        Assert.True(broken.ExitCode == 1 && broken.Error.Contains("error WR3001", StringComparison.Ordinal), broken.All);
        Assert.True(taken.ExitCode == 19 && taken.Error.Contains("error WR2001", StringComparison.Ordinal), taken.All);
        Assert.Equal(["web"], await ServicesAsync(stack));
    }

    [Fact]
    public async Task DryRun_PrintsThePlanAndStartsNothing()
    {
        await using var stack = new TestStack(s_manifest);

        var planned = await stack.RunSuccessfullyAsync("run", "--dry-run", "--name", "once", "job", "7");

        Assert.EndsWith("start once: 'job' is to be run once more (after reserve ports, start web)", planned.Output, StringComparison.Ordinal);
        Assert.Empty((await stack.RunSuccessfullyAsync("ls", "-q")).Output);
    }

    /// <summary>More than a log keeps of a service, and faster than anybody reads.</summary>
    [Fact]
    public async Task Flood_ArrivesWhole()
    {
        const int bytes = 48 * 1024 * 1024;
        await using var stack = new TestStack(s_manifest);
        var shell = stack.StartProgram("sh", "-c", $"'{Harness.Wasmrun.Executable}' run flood {bytes} | wc -c");

        Assert.Equal($"{bytes}", (await shell.ExitAsync()).Output.Trim());
    }

    private static async Task<IReadOnlyList<string>> ServicesAsync(TestStack stack) =>
        [.. (await stack.PsAsync()).Select(row => row.GetProperty("Service").GetString()!)];

    private static async Task<int> RunnerIdAsync(TestStack stack) =>
        JsonDocument.Parse((await stack.RunSuccessfullyAsync("ls", "--format", "json")).Output).RootElement.GetProperty("Pid").GetInt32();

    private static Task GoneAsync(TestStack stack, Predicate<string> unwanted)
    {
        return Task.Run(LookAsync).OrFail(() => "something is left");

        async Task LookAsync()
        {
            while ((await ServicesAsync(stack)).Any(name => unwanted(name)))
            {
                // Look again.
            }
        }
    }

    /// <summary>Waits until the instance has a client.</summary>
    private static Task ClientsAsync(TestStack stack, string instance)
    {
        return Task.Run(LookAsync).OrFail(() => "no client came");

        async Task LookAsync()
        {
            while (!(await stack.RunSuccessfullyAsync("stats", "--no-stream", "--format", "json")).Output.Split('\n')
                .Any(line => line.Contains($"\"{instance}\"", StringComparison.Ordinal) && !line.Contains("\"Connections\":0", StringComparison.Ordinal)))
            {
                // Ask again. One that went before may still be counted: a guest that is busy has not seen its end.
            }
        }
    }
}
