using System.Diagnostics;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>A guest that reaches a limit gets an error, waits or ends; it never takes more.</summary>
[Collection(nameof(AloneCollection))]
public sealed class LimitTests : IDisposable
{
    private readonly TestSandbox _sandbox = new();

    [Fact]
    public async Task Memory_StopsGrowingAtTheLimit()
    {
        // Grows page by page and exits with the number of pages it got.
        var exit = await _sandbox.RunAsync(
            Program("(loop $again (br_if $again (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0)))) (call $proc_exit (memory.size))"),
            new() { MemoryBytes = 40 * 65536 });

        Assert.Equal(new InstanceExit.Exited(40), exit);
    }

    [Fact]
    public async Task Memory_LimitIsAdjustedWhileTheGuestRuns()
    {
        // Grows until it cannot, says so, and exits with its size as soon as it can again.
        await using var instance = await _sandbox.CreateAsync(
            Program(
                "(loop $more (br_if $more (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0)))) (call $say (i32.const 33)) "
                + "(loop $again (br_if $again (i32.lt_s (memory.grow (i32.const 1)) (i32.const 0)))) (call $proc_exit (memory.size))"),
            new() { MemoryBytes = 10 * 65536 });
        instance.Start();
        await _sandbox.Output.Saw("!");
        Assert.Equal(10 * 65536, instance.MemoryBytes);

        instance.Adjust(new() { MemoryBytes = 5 * 65536 });
        await Pass(TimeSpan.FromMilliseconds(50));
        Assert.False(instance.Completion.IsCompleted);
        instance.Adjust(new() { MemoryBytes = 11 * 65536 });

        Assert.Equal(new InstanceExit.Exited(11), await instance.Completion);
        Assert.Equal(0, instance.MemoryBytes);
    }

    [Fact]
    public async Task Cpus_AreAdjustedWhileTheGuestRuns()
    {
        await using var instance = await _sandbox.CreateAsync(Program("(call $say (i32.const 33)) (loop $again (br $again))"), new());
        instance.Start();
        await _sandbox.Output.Saw("!");

        instance.Adjust(new() { Cpus = 0.1 });
        await Pass(TimeSpan.FromMilliseconds(100));
        var (start, before) = (Stopwatch.GetTimestamp(), instance.ProcessorTime);
        await Pass(TimeSpan.FromSeconds(1));

        Assert.InRange((instance.ProcessorTime - before) / Stopwatch.GetElapsedTime(start), 0, 0.2);
        instance.Adjust(new());
        await Pass(TimeSpan.FromMilliseconds(100));
        before = instance.ProcessorTime;
        while (instance.ProcessorTime - before < TimeSpan.FromMilliseconds(500))
        {
            await Pass(TimeSpan.FromMilliseconds(20));
        }
    }

    [Fact]
    public async Task Cpus_BelowOneLeaveNoTimeForWaitingAwake()
    {
        var options = _sandbox.Options(new() { Cpus = 0.5 });
        await using var instance = _sandbox.Engine.Create(await _sandbox.LoadAsync(Program("(call $say (i32.const 33)) (loop $again (br $again))")), options);
        instance.Start();
        await _sandbox.Output.Saw("!");
        Assert.True(options.Network.Stop.Pace.IsRationed);

        instance.Adjust(new() { Cpus = 1 });
        while (options.Network.Stop.Pace.IsRationed)
        {
            await Pass(TimeSpan.FromMilliseconds(20));
        }
    }

    [Fact]
    public async Task Memory_OfAProgramInCIsOutOfMemoryThere()
    {
        var exit = await _sandbox.RunAsync("hog", new() { MemoryBytes = 32 << 20 }, "memory");

        Assert.Matches(@"^memory: (29|30|31) MiB, then Out of memory\n$", _sandbox.Output.Text);
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Fact]
    public async Task Memory_BelowTheGuestsMinimumFailsTheStart()
    {
        var exit = await _sandbox.RunAsync(
            """(module (memory (export "memory") 100) (func (export "_start")))""",
            new() { MemoryBytes = 1 << 20 });

        Assert.Equal(
            new InstanceExit.Failed("the guest needs 6.25 MiB of memory from its start, and its limit is 1 MiB; raise the memory limit"),
            exit);
    }

    [Fact]
    public async Task Memory_UseIsToldWhenTheGuestTraps()
    {
        var exit = await _sandbox.RunAsync(Program("unreachable"), new() { MemoryBytes = 1 << 20 });

        Assert.EndsWith("\nmemory: 0.06 MiB of at most 1 MiB", Assert.IsType<InstanceExit.Trapped>(exit).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_OfCollectedObjectsIsLimitedToo()
    {
        var exit = await _sandbox.RunAsync(
            """
            (module (memory (export "memory") 1)
              (type $block (array (mut i64)))
              (type $list (struct (field (mut (ref null $list))) (field (ref $block))))
              (global $head (mut (ref null $list)) (ref.null $list))
              (func (export "_start")
                (loop $again
                  (global.set $head (struct.new $list (global.get $head) (array.new_default $block (i32.const 1000))))
                  (br $again))))
            """,
            new() { MemoryBytes = 8 << 20 });

        Assert.StartsWith("GC heap out of memory", Assert.IsType<InstanceExit.Trapped>(exit).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_CannotGrowWithoutBound()
    {
        var exit = await _sandbox.RunAsync(
            """
            (module
              (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
              (memory (export "memory") 1) (table $t 1 funcref)
              (func (export "_start")
                (call $proc_exit (i32.eq (i32.const -1) (table.grow $t (ref.null func) (i32.const 100000000))))))
            """);

        Assert.Equal(new InstanceExit.Exited(1), exit);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(10_000)]
    public async Task Descriptors_AreBoundedAndTheProcessKeepsItsOwn(int limit)
    {
        var exit = await _sandbox.RunAsync("hog", new() { Descriptors = limit }, "descriptors");

        Assert.Matches($@"^descriptors: ({limit - 6}|{limit - 5}|{limit - 4}|{limit - 3}), then No file descriptors available \(errno 33\)\n$", _sandbox.Output.Text);
        Assert.Equal(new InstanceExit.Exited(0), exit);
        Assert.Equal(new InstanceExit.Exited(0), await _sandbox.RunAsync("exit", null, "0"));
    }

    [Fact]
    public async Task Cpus_HoldAGuestToItsShareOfACore()
    {
        await using var instance = await _sandbox.CreateAsync(Program("(call $say (i32.const 33)) (loop $again (br $again))"), new() { Cpus = 0.25 });
        instance.Start();
        await _sandbox.Output.Saw("!");
        var (start, before) = (Stopwatch.GetTimestamp(), instance.ProcessorTime);

        await Pass(TimeSpan.FromSeconds(1.5));
        var share = (instance.ProcessorTime - before) / Stopwatch.GetElapsedTime(start);

        Assert.InRange(share, double.Epsilon, 0.3);
    }

    [Fact]
    public async Task Cpus_LeaveAThrottledGuestStoppableAtOnce()
    {
        await using var instance = await _sandbox.CreateAsync(Program("(call $say (i32.const 33)) (loop $again (br $again))"), new() { Cpus = 0.01 });
        instance.Start();
        await _sandbox.Output.Saw("!");
        await Pass(TimeSpan.FromMilliseconds(300));

        using var clock = await BusyClock.StartAsync();
        instance.Stop();
        await instance.Completion;

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task Output_IsSlowedToItsRateAndLosesNothing()
    {
        var start = Stopwatch.GetTimestamp();
        var exit = await _sandbox.RunAsync("flood", new() { OutputBytesPerSecond = 64 << 10 }, (96 << 10).ToString(System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(new InstanceExit.Exited(0), exit);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromMilliseconds(450), TimeSpan.MaxValue);
        Assert.Equal(96 << 10, _sandbox.Output.Text.Length);
        Assert.EndsWith("000000000006143\n", _sandbox.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_OfAGigabyteLosesNothing()
    {
        var lines = new CountedLines();
        using var sandbox = new TestSandbox { OtherOutput = lines };

        var exit = await sandbox.RunAsync("flood", limits: null, $"{1 << 30}");

        Assert.Equal(new InstanceExit.Exited(0), exit);
        Assert.Equal((1 << 30, true), (lines.Length, lines.IsInOrder));
    }

    public void Dispose() => _sandbox.Dispose();

    /// <summary>What is measured here is what a guest uses while real time passes.</summary>
    private static async Task Pass(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    private static string Program(string body) => $"""(module {TestSandbox.Prelude} (func $main (export "_start") {body}))""";
}
