using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>Whatever a guest does, it ends within a tenth of a second of being told to stop, and nobody else notices.</summary>
[Collection(nameof(AloneCollection))]
public sealed class StopTests : IDisposable
{
    private const string Forever = "(loop $again (br $again))";
    private const string Sleep = "(i64.store (i32.const 24) (i64.const 3600000000000)) (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))";

    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(100);

    private readonly TestSandbox _sandbox = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("an endless loop", Forever)]
    [InlineData("an endless loop of calls", "(loop $again (call $nothing) (br $again))")]
    [InlineData("a loop that starts recursions without end", "(loop $again (call $deep (i32.const 10000)) (br $again))")]
    [InlineData("a blocked host call", Sleep)]
    [InlineData("a flood of output", "(loop $again (call $say (i32.const 46)) (br $again))")]
    [InlineData("a loop that takes memory", "(loop $again (drop (memory.grow (i32.const 1))) (br $again))")]
    public async Task Stops_AGuestThatIsIn(string what, string body)
    {
        Assert.NotEmpty(what);
        await using var instance = await _sandbox.CreateAsync(Program($"(call $say (i32.const 33)) {body}"), new() { MemoryBytes = 64 << 20 });
        instance.Start();
        await _sandbox.Output.Saw("!");

        var exit = await StopAsync(instance);

        Assert.IsType<InstanceExit.Stopped>(exit);
    }

    [Theory]
    [InlineData("spinning", "spin")]
    [InlineData("descriptors, and on", "hog", "opening")]
    [InlineData("000000000004095", "flood")]
    [InlineData("blocking in accept", "blocked", "accept")]
    [InlineData("blocking in read", "blocked", "read")]
    [InlineData("blocking in write", "blocked", "write")]
    [InlineData("blocking in connect", "blocked", "connect")]
    [InlineData("blocking in sleep", "blocked", "sleep")]
    public async Task Stops_AProgramInCThatSays(string text, string guest, params string[] arguments)
    {
        await using var instance = await _sandbox.CreateAsync(guest, new() { Descriptors = 4096 }, arguments);
        instance.Start();
        await Task.WhenAny(_sandbox.Output.Saw(text), instance.Completion);
        Assert.False(instance.Completion.IsCompleted, _sandbox.Output.Text);

        Assert.IsType<InstanceExit.Stopped>(await StopAsync(instance));
    }

    [Fact]
    public async Task Stops_AProgramWhoseOutputIsHeldBack()
    {
        await using var instance = await _sandbox.CreateAsync("flood", new() { OutputBytesPerSecond = 1 });
        instance.Start();
        await _sandbox.Output.Saw("0");

        Assert.IsType<InstanceExit.Stopped>(await StopAsync(instance));
    }

    [Fact]
    public async Task Stops_OneAndLeavesTheOtherRunning()
    {
        await using var first = await _sandbox.CreateAsync(Program($"(call $say (i32.const 49)) {Forever}"));
        await using var second = await _sandbox.CreateAsync(Program($"(call $say (i32.const 50)) {Sleep}"));
        first.Start();
        second.Start();
        await _sandbox.Output.Saw("1");
        await _sandbox.Output.Saw("2");

        await StopAsync(first);

        Assert.False(second.Completion.IsCompleted);
        await StopAsync(second);
    }

    [Fact]
    public async Task Stops_BeforeTheStartWithoutRunning()
    {
        await using var instance = await _sandbox.CreateAsync(Program("(call $say (i32.const 33))"));

        instance.Stop();
        instance.Start();

        Assert.IsType<InstanceExit.Stopped>(await instance.Completion);
        Assert.Empty(_sandbox.Output.Text);
    }

    [Fact]
    public async Task Stops_AtAnyMomentOfAStart()
    {
        var module = await _sandbox.LoadAsync(Program(Forever));
        for (var round = 0; round < 200; round++)
        {
            await using var instance = _sandbox.Create(module);
            instance.Start();
            Thread.SpinWait(round * 100);
            Assert.IsType<InstanceExit.Stopped>(await StopAsync(instance));
        }
    }

    [Fact]
    public async Task Stops_TwiceAndAfterTheEndWithoutHarm()
    {
        await using var instance = await _sandbox.CreateAsync(Program("(call $proc_exit (i32.const 5))"));
        instance.Start();
        var exit = await instance.Completion;

        instance.Stop();
        instance.Stop();

        Assert.Equal(new InstanceExit.Exited(5), exit);
        Assert.Equal(exit, await instance.Completion);
    }

    [Fact]
    public async Task Stops_FromManyThreadsWhileItEndsByItself()
    {
        var module = await _sandbox.LoadAsync(Program("(call $proc_exit (i32.const 5))"));
        for (var round = 0; round < 50; round++)
        {
            await using var instance = _sandbox.Create(module);
            instance.Start();
            Parallel.For(0, 4, _ => instance.Stop());
            var exit = await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
            Assert.True(exit is InstanceExit.Stopped or InstanceExit.Exited { Code: 5 }, exit.ToString());
        }
    }

    [Fact]
    public async Task Refuses_ASecondStart()
    {
        await using var instance = await _sandbox.CreateAsync(Program("nop"));
        instance.Start();

        Assert.Throws<InvalidOperationException>(instance.Start);
    }

    [Fact]
    public async Task Ticks_OnlyWhileAStopIsPending()
    {
        await using var instance = await _sandbox.CreateAsync(Program($"(call $say (i32.const 33)) {Forever}"));
        instance.Start();
        await _sandbox.Output.Saw("!");
        Assert.False(_sandbox.Engine.Clock.IsTicking);

        await StopAsync(instance);

        Assert.False(_sandbox.Engine.Clock.IsTicking);
    }

    [Fact]
    public async Task Dispose_OfTheEngineStopsWhatStillRuns()
    {
        var instance = await _sandbox.CreateAsync(Program($"(call $say (i32.const 33)) {Forever}"));
        instance.Start();
        await _sandbox.Output.Saw("!");

        _sandbox.Engine.Dispose();

        Assert.True(instance.Completion.IsCompleted);
        Assert.IsType<InstanceExit.Stopped>(await instance.Completion);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _sandbox.LoadAsync(Program("nop")));
    }

    public void Dispose() => _sandbox.Dispose();

    private static string Program(string body) =>
        $"""
        (module {TestSandbox.Prelude}
          (func $nothing)
          (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))
          (func $main (export "_start") {body}))
        """;

    private static async Task<InstanceExit> StopAsync(SandboxInstance instance)
    {
        using var clock = await BusyClock.StartAsync();
        instance.Stop();
        var exit = await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Bound);
        return exit;
    }
}
