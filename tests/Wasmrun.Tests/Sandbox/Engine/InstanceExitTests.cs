using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>How an instance ends is told exactly: by itself, by a trap, by a stop, or because it never could start.</summary>
public sealed class InstanceExitTests : IDisposable
{
    private readonly TestSandbox _sandbox = new();

    [Fact]
    public async Task Exits_WithZeroWhenStartReturns() =>
        Assert.Equal(new InstanceExit.Exited(0), await _sandbox.RunAsync("""(module (memory (export "memory") 1) (func (export "_start")))"""));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(255)]
    public async Task Exits_WithTheCodeOfProcExit(int code) =>
        Assert.Equal(new InstanceExit.Exited(code), await _sandbox.RunAsync(Program($"(call $proc_exit (i32.const {code}))")));

    [Fact]
    public async Task Exits_WithTheCodeOfAProgramInC() =>
        Assert.Equal(new InstanceExit.Exited(7), await _sandbox.RunAsync("exit", null, "7", "0"));

    [Theory]
    [InlineData("unreachable", "unreachable executed")]
    [InlineData("(drop (i32.div_s (i32.const 1) (i32.const 0)))", "integer divide by zero")]
    [InlineData("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", "integer overflow")]
    [InlineData("(drop (i32.trunc_f64_s (f64.const nan)))", "float that fits no integer")]
    [InlineData("(drop (i32.load (i32.const 0x7ffffff0)))", "out of bounds memory access at address 0x7ffffff0")]
    [InlineData("(call_indirect (i32.const 0))", "call of a null function pointer")]
    [InlineData("(call_indirect (i32.const 9))", "out of bounds table access")]
    [InlineData("(throw $oops)", "thrown Wasm exception")]
    public async Task Traps_WithReasonAndTheNamesOfTheFunctions(string instruction, string reason)
    {
        var exit = await _sandbox.RunAsync(
            $"""
            (module
              (memory (export "memory") 1) (table 1 funcref) (tag $oops)
              (func $inner {instruction})
              (func $outer (export "_start") (call $inner)))
            """);

        var trapped = Assert.IsType<InstanceExit.Trapped>(exit);
        Assert.Equal(reason, trapped.Reason);
        Assert.Matches(@"^at inner \(0x[0-9a-f]+\)\nat outer \(0x[0-9a-f]+\)$", trapped.Detail);
    }

    [Fact]
    public async Task Traps_WhenTheGuestRecursesWithoutEnd()
    {
        var exit = await _sandbox.RunAsync("""(module (memory (export "memory") 1) (func $down (export "_start") (call $down)))""");

        var trapped = Assert.IsType<InstanceExit.Trapped>(exit);
        Assert.Equal("call stack exhausted", trapped.Reason);
        Assert.StartsWith("at down\nat down", trapped.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traps_WhenTheGuestRecursesThroughHostCalls()
    {
        var exit = await _sandbox.RunAsync(Program("(call $say (i32.const 120)) (call $main)"));

        Assert.Equal("call stack exhausted", Assert.IsType<InstanceExit.Trapped>(exit).Reason);
        Assert.StartsWith("xxxxxxxx", _sandbox.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traps_NumberTheFunctionsOfAStrippedProgram()
    {
        var exit = await _sandbox.RunAsync("trap");

        Assert.Matches(@"^at function \d+ \(0x[0-9a-f]+\)\nat function \d+ \(", Assert.IsType<InstanceExit.Trapped>(exit).Detail);
    }

    [Fact]
    public async Task Traps_NameFunctionsWithoutTalkingToTheTerminal()
    {
        var exit = await _sandbox.RunAsync("""(module (func $"\1b[2J\e2\80\aeboo" unreachable) (memory (export "memory") 1) (func (export "_start") (call 0)))""");

        Assert.StartsWith(@"at \u001b[2J\u202eboo (0x", Assert.IsType<InstanceExit.Trapped>(exit).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traps_InTheStartSectionToo()
    {
        var exit = await _sandbox.RunAsync(
            """(module (memory (export "memory") 1) (func $init unreachable) (start $init) (func (export "_start")))""");

        Assert.Equal("unreachable executed", Assert.IsType<InstanceExit.Trapped>(exit).Reason);
    }

    [Fact]
    public async Task Fails_WhenTheRunnerItselfThrowsInAHostCall()
    {
        var network = _sandbox.Network();
        var module = await _sandbox.LoadAsync(Program("(call $say (i32.const 120))"));
        await using var instance = _sandbox.Engine.Create(module, new() { Name = "broken", Network = network, Output = new BrokenOutput() });
        instance.Start();

        var failed = Assert.IsType<InstanceExit.Failed>(await instance.Completion);

        Assert.Equal("the runner failed in a call of the guest: DivideByZeroException: the log is broken", failed.Reason);
        Assert.Equal(new InstanceExit.Exited(0), await _sandbox.RunAsync(Program("nop")));
    }

    [Fact]
    public async Task Fails_WhenAMountDoesNotExist()
    {
        var module = await _sandbox.LoadAsync(Program("nop"));
        await using var instance = _sandbox.Engine.Create(module, new()
        {
            Name = "mountless",
            Network = _sandbox.Network(),
            Output = _sandbox.Output,
            Mounts = [new GuestMount.Host("/data", "/nowhere/at/all", ReadOnly: true)],
        });
        instance.Start();

        Assert.Contains("/nowhere/at/all", Assert.IsType<InstanceExit.Failed>(await instance.Completion).Reason, StringComparison.Ordinal);
    }

    public void Dispose() => _sandbox.Dispose();

    private static string Program(string body) => $"""(module {TestSandbox.Prelude} (func $main (export "_start") {body}))""";

    private sealed class BrokenOutput : IGuestOutput
    {
        public void Write(GuestStream stream, ReadOnlySpan<byte> bytes) => throw new DivideByZeroException("the log is broken");
    }
}
