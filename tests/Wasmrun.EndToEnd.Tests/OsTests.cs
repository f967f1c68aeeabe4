using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary><c>wasmrun os</c>: a single module on the same engine.</summary>
public sealed class OsTests
{
    [Fact]
    public async Task Os_ForwardsAndPassesTheOutputThrough()
    {
        await using var stack = new TestStack("services: {}");
        var app = CopyGuest(stack, "http");

        var process = stack.Start("os", app, "--forward", "0:8080", "--verbose");

        Assert.Equal("listening on 8080", await process.LineAsync(line => line.StartsWith("listening on", StringComparison.Ordinal), "of the guest"));
        using var client = TestStack.NewClient(await ForwardedPortAsync(process));
        Assert.Equal("Hello, World!", (await client.GetStringAsync("/")).TrimEnd());
        process.Signal(Posix.SigInt);
        Assert.Equal(0, (await process.ExitAsync()).ExitCode);
    }

    [Theory]
    [InlineData(".wasmrun.toml")]
    [InlineData("wasmrun.toml")]
    public async Task Os_ReadsTheForwardsOfTheFileBesideTheModule(string file)
    {
        await using var stack = new TestStack("services: {}");
        var app = CopyGuest(stack, "http");
        await File.WriteAllTextAsync(Path.Combine(stack.Folder, file), "[network]\nforwards = [\"0:8080\"]\n[environment]\nWHO = \"toml\"\n");

        var process = stack.Start("os", app);

        using var client = TestStack.NewClient(await ForwardedPortAsync(process));
        Assert.Equal("toml", (await client.GetStringAsync("/env/WHO")).TrimEnd());
    }

    [Fact]
    public async Task Os_SaysNothingOfAServerThatEndsByItself()
    {
        await using var stack = new TestStack("services: {}");
        var process = stack.Start("os", CopyGuest(stack, "http"), "--forward", "0:8080");
        using var client = TestStack.NewClient(await ForwardedPortAsync(process));
        await process.LineAsync(line => line.StartsWith("listening on", StringComparison.Ordinal), "of the guest");

        Assert.Equal("leaving", (await client.GetStringAsync("/exit/3")).TrimEnd());

        var finished = await process.ExitAsync();
        Assert.Equal(3, finished.ExitCode);
        Assert.DoesNotContain("no longer", finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Os_EndsWithTheExitCodeOfTheGuest()
    {
        await using var stack = new TestStack("services: {}");

        var finished = await stack.RunAsync("os", CopyGuest(stack, "exit"), "--", "7");

        Assert.True(finished.ExitCode == 7, finished.All);
        Assert.EndsWith("leaving", finished.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Os_LetsTheGuestReadItsStandardInput()
    {
        await using var stack = new TestStack("services: {}");
        var text = string.Concat(Enumerable.Range(0, 5000).Select(number => $"line {number}\n"));

        var finished = await stack.RunWithInputAsync(text, "os", await WriteCatAsync(stack));

        Assert.True(finished.ExitCode == 0, finished.All);
        Assert.Equal(text.TrimEnd(), finished.Output);
    }

    /// <summary>Whoever starts the program may have closed them; the guest then reads nothing, and what it writes goes nowhere.</summary>
    [Theory]
    [InlineData("<&-")]
    [InlineData(">&-")]
    [InlineData("2>&-")]
    [InlineData("<&- >&- 2>&-")]
    public async Task ClosedStandardStreams_AreEmpty(string closings)
    {
        await using var stack = new TestStack("services: {}");

        var shell = await stack.StartProgram("sh", "-c", $"'{stack.Program}' os '{await WriteCatAsync(stack)}' {closings}").ExitAsync();

        Assert.True(shell is { ExitCode: 0, Output: "" }, shell.All);
    }

    [Fact]
    public async Task Os_ShowsAllOfAFlood_HoweverSlowlyItIsRead()
    {
        await using var stack = new TestStack("services: {}");
        const int Bytes = 100_000_000;

        var shell = stack.StartProgram("sh", "-c", $"'{stack.Program}' os '{CopyGuest(stack, "flood")}' -- {Bytes} | cksum | cut -d ' ' -f 2");

        Assert.Equal($"{Bytes}", (await shell.ExitAsync()).Output.Trim());
    }

    [Theory]
    [InlineData("os")]
    [InlineData("run")]
    public async Task FullOutput_IsToldOf(string command)
    {
        await using var stack = new TestStack($"services: {{ flood: {{ module: '{Harness.Wasmrun.Guest("flood")}' }} }}");
        var what = command == "os" ? $"'{CopyGuest(stack, "flood")}'" : "flood";

        var shell = await stack.StartProgram("sh", "-c", $"'{stack.Program}' {command} {what} > /dev/full").ExitAsync();

        Assert.True(shell.ExitCode == 1, shell.All);
        Assert.Contains("error: cannot write to the output: No space left on device", shell.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'exit.wasm' -- 7 2> /dev/full", 7)]
    [InlineData("'flood.wasm' > /dev/full 2> /dev/full", 1)]
    [InlineData("'trap.wasm' 2> /dev/full", 134)]
    [InlineData("'nofile.wasm' 2> /dev/full", 2)]
    public async Task FullErrorStream_EndsTheCommandInGoodOrder(string what, int code)
    {
        await using var stack = new TestStack("services: {}");
        CopyGuest(stack, "exit");
        CopyGuest(stack, "flood");
        CopyGuest(stack, "trap");

        var shell = await stack.StartProgram("sh", "-c", $"'{stack.Program}' os {what}").ExitAsync();

        Assert.True(shell.ExitCode == code, shell.All);
    }

    [Theory]
    [InlineData("os", "")]
    [InlineData("os", "2>&1")]
    [InlineData("run", "")]
    [InlineData("run", "2>&1")]
    [InlineData("up", "")]
    [InlineData("up", "2>&1")]
    public async Task UnreadOutput_DoesNotKeepTheCommandFromBeingEnded(string command, string errors)
    {
        await using var stack = new TestStack($"services: {{ flood: {{ module: '{Harness.Wasmrun.Guest("flood")}' }} }}");
        var fifo = Path.Combine(stack.Folder, "unread");
        Assert.Equal(0, (await stack.StartProgram("mkfifo", fifo).ExitAsync()).ExitCode);
        var what = command == "os" ? $"'{CopyGuest(stack, "flood")}'" : "flood";
        var shell = stack.StartProgram("sh", "-c", $"exec 3<>'{fifo}'; exec '{stack.Program}' {command} {what} > '{fifo}' {errors}");
        using var reader = new FileStream(fifo, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        Assert.Equal(1, await reader.ReadAsync(new byte[1], TestContext.Current.CancellationToken));

        shell.Signal(Posix.SigInt);

        Assert.Equal(command == "run" ? 130 : 0, (await shell.ExitAsync()).ExitCode);
    }

    [Fact]
    public async Task Os_FailsWhenTheGuestDoes_WhateverPartOfItsExitCodeIsTold()
    {
        await using var stack = new TestStack("services: {}");

        var finished = await stack.RunAsync("os", CopyGuest(stack, "exit"), "--", "256");

        Assert.True(finished.ExitCode == 1, finished.All);
    }

    [Fact]
    public async Task Os_SeveralAtOnceCompileIntoOneEmptyCache()
    {
        await using var stack = new TestStack("services: {}");
        stack.UseOwnCache();
        var app = CopyGuest(stack, "exit");

        var all = await Task.WhenAll(Enumerable.Range(1, 4).Select(code => stack.RunAsync("os", app, "--", $"{code}")));

        Assert.Equal([1, 2, 3, 4], all.Select(finished => finished.ExitCode));
        Assert.Single(Directory.GetFiles(Path.Combine(stack.Folder, "cache", "modules"), "*", SearchOption.AllDirectories), file => new FileInfo(file).Length > 1000);
    }

    [Fact]
    public async Task Os_SaysWhatIsWrongWithAFileThatIsNoModule()
    {
        await using var stack = new TestStack("services: {}");
        var file = Path.Combine(stack.Folder, "page.wasm");
        await File.WriteAllTextAsync(file, "<html>not found</html>");

        var finished = await stack.RunAsync("os", file);

        Assert.True(finished.ExitCode == 1, finished.All);
        Assert.Contains("page.wasm", finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Os_SpeaksOfTheFlag_NotOfAFileThatNobodyWrote()
    {
        await using var stack = new TestStack("services: {}");
        var app = CopyGuest(stack, "http");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var conflict = await stack.RunAsync("os", app, "--forward", $"{port}:8080");
        Assert.True(conflict.ExitCode == 19, conflict.All);
        Assert.StartsWith($"--forward {port}:8080: error WR2001: service 'http' wants host port {port}", conflict.Error, StringComparison.Ordinal);

        var folder = Directory.CreateDirectory(Path.Combine(stack.Folder, "app"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "package.json"), "{}");
        var entrypoint = await stack.RunAsync("os", "app", "--entrypoint", "nope.js");
        Assert.True(entrypoint.ExitCode == 1, entrypoint.All);
        Assert.Contains("app --entrypoint nope.js: error WR3001: ", entrypoint.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("<stdin>", entrypoint.Error, StringComparison.Ordinal);

        var missing = await stack.RunAsync("os", "not-there");
        Assert.True(missing.ExitCode == 2, missing.All);
        Assert.Contains("neither a file nor a folder 'not-there'", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Os_SaysThatAFlagAndTheFileWantTheSameHostPort()
    {
        await using var stack = new TestStack("services: {}");
        var app = CopyGuest(stack, "http");
        await File.WriteAllTextAsync(Path.Combine(stack.Folder, ".wasmrun.toml"), "[network]\nforwards = [\"8080:3000\"]\n");

        var finished = await stack.RunAsync("os", app, "--forward", "8080:8080");

        Assert.True(finished.ExitCode == 2, finished.All);
        Assert.Contains(".wasmrun.toml(2,13): error WR1307: service 'http' wants the host port 8080/tcp, which another of its forwards already takes (--forward 8080:8080)", finished.Error, StringComparison.Ordinal);
    }

    /// <summary>A guest that writes what it reads.</summary>
    private static async Task<string> WriteCatAsync(TestStack stack)
    {
        var cat = Path.Combine(stack.Folder, "cat.wat");
        await File.WriteAllTextAsync(cat, """
            (module
              (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "_start")
                (loop $more
                  (i32.store (i32.const 0) (i32.const 64))
                  (i32.store (i32.const 4) (i32.const 4096))
                  (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                  (i32.store (i32.const 4) (i32.load (i32.const 8)))
                  (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
                  (br_if $more (i32.load (i32.const 8))))))
            """);
        return cat;
    }

    private static string CopyGuest(TestStack stack, string name)
    {
        var copy = Path.Combine(stack.Folder, name + ".wasm");
        File.Copy(Harness.Wasmrun.Guest(name), copy);
        return copy;
    }

    private static async Task<int> ForwardedPortAsync(RunningProcess process)
    {
        var line = await process.LineAsync(line => line.Contains("localhost:", StringComparison.Ordinal), "that says where the app is reached");
        var digits = line[(line.IndexOf("localhost:", StringComparison.Ordinal) + "localhost:".Length)..].TakeWhile(char.IsAsciiDigit);
        return int.Parse(string.Concat(digits), CultureInfo.InvariantCulture);
    }
}
