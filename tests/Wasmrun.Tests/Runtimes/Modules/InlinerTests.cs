using Wasmrun.Runtimes.Modules;
using Wasmtime;

namespace Wasmrun.Tests.Runtimes.Modules;

/// <summary>A module whose short functions stand in place of their calls does what it did before.</summary>
public sealed class InlinerTests
{
    /// <summary>Short functions in all shapes, and who calls them.</summary>
    private const string Text = """
        (module
          (import "host" "double" (func $double (param i32) (result i32)))
          (type $sum (func (param i32 i32) (result i32)))
          (memory 1)
          (global $calls (mut i32) (i32.const 0))
          (table funcref (elem $early))
          (func $count (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
          (func $sum (type $sum) (i32.add (local.get 0) (local.get 1)))
          (func $early (type $sum)
            (block
              (br_if 0 (i32.lt_s (local.get 0) (i32.const 10)))
              (return (i32.const -1)))
            (if (i32.eqz (local.get 1)) (then (return (i32.const -2))))
            (br_if 0 (i32.const 7) (i32.eq (local.get 1) (i32.const 1)))
            (drop)
            (i32.mul (local.get 0) (local.get 1)))
          (func $choose (param i32)
            (block (br_table 0 1 0 1 (local.get 0)))
            (call $count))
          (func $fresh (param i32) (result i64) (local i64 i32)
            (if (local.get 0) (then (local.set 1 (i64.const 5)) (local.set 2 (i32.const 6))))
            (i64.add (local.get 1) (i64.extend_i32_s (local.get 2))))
          (func $left (param i32) (result i32) (i32.const 1) (i32.const 2) (return (local.get 0)))
          (func $outer (param i32) (result i32) (call $sum (call $early (local.get 0) (i32.const 3)) (call $double (local.get 0))))
          (func $even (param i32) (result i32)
            (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (call $odd (i32.sub (local.get 0) (i32.const 1))))))
          (func $odd (param i32) (result i32)
            (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0)) (else (call $even (i32.sub (local.get 0) (i32.const 1))))))
          (func $traps (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
          (func (export "early") (param i32) (result i32) (call $early (local.get 0) (i32.rem_s (local.get 0) (i32.const 4))))
          (func (export "choose") (param i32) (result i32) (call $choose (local.get 0)) (call $choose (i32.const 2)) (global.get $calls))
          (func (export "fresh") (param i32) (result i32) (local $at i32) (local $total i64)
            (loop $again
              (local.set $total (i64.add (local.get $total) (call $fresh (i32.rem_u (local.get $at) (i32.const 2)))))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $at) (local.get 0))))
            (i32.wrap_i64 (local.get $total)))
          (func (export "nested") (param i32) (result i32)
            (call $sum (call $outer (call $sum (local.get 0) (call $left (i32.const 4)))) (call $sum (call $outer (local.get 0)) (local.get 0))))
          (func (export "even") (param i32) (result i32) (call $even (local.get 0)))
          (func (export "addressed") (param i32) (result i32) (call_indirect (type $sum) (local.get 0) (i32.const 3) (i32.const 0)))
          (func (export "traps") (param i32) (result i32) (call $traps (local.get 0))))
        """;

    [Theory]
    [InlineData("early")]
    [InlineData("choose")]
    [InlineData("fresh")]
    [InlineData("nested")]
    [InlineData("even")]
    [InlineData("addressed")]
    public void Function_AnswersAsBefore(string name)
    {
        using var engine = new Wasmtime.Engine();
        var before = Load(engine, Module.ConvertText(Text));
        var after = Load(engine, Inlined(Text));

        Assert.All(Enumerable.Range(0, 20), argument => Assert.Equal(
            before.GetFunction<int, int>(name)!(argument), after.GetFunction<int, int>(name)!(argument)));
    }

    [Fact]
    public void Trap_IsTheSame()
    {
        using var engine = new Wasmtime.Engine();
        var traps = Load(engine, Inlined(Text)).GetFunction<int, int>("traps")!;

        Assert.Equal(1, traps(1));
        Assert.Equal(TrapCode.IntegerDivisionByZero, Assert.Throws<TrapException>(() => traps(0)).Type);
    }

    [Fact]
    public void ShortFunctions_AreNoLongerCalled()
    {
        const string text = """(module (import "host" "double" (func (param i32) (result i32))) (func $short (result i32) (i32.const 1)) (func (export "long") (result i32) (i32.add (call $short) (call $short))))""";

        var rewritten = Inlined(text);

        // (block (result i32) (i32.const 1)), twice.
        Assert.Equal(2, Count(rewritten, [0x02, 0x7F, 0x41, 0x01, 0x0B]));
    }

    [Fact]
    public void ChosenFunction_IsPutInToo()
    {
        const string text = """
            (module
              (func $sum (param i32) (result i32) (local $sum i32)
                (loop $again
                  (local.set $sum (i32.add (local.get $sum) (local.get 0)))
                  (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (local.get $sum))
              (func (export "sums") (param i32) (result i32) (i32.add (call $sum (local.get 0)) (call $sum (i32.const 3)))))
            """;
        var module = new RewrittenModule(Module.ConvertText(text));
        module.Inline(1, 0);
        using var engine = new Wasmtime.Engine();

        Assert.Equal(3, Count(module.ToArray(), [0x03, 0x40]));
        Assert.Equal(15 + 6, Load(engine, module.ToArray()).GetFunction<int, int>("sums")!(5));
    }

    private static byte[] Inlined(string text)
    {
        var module = new RewrittenModule(Module.ConvertText(text));
        module.Inline(2);
        return module.ToArray();
    }

    private static Instance Load(Wasmtime.Engine engine, byte[] bytes)
    {
        var store = new Store(engine);
        using var module = Module.FromBytes(engine, "program", bytes);
        using var linker = new Linker(engine);
        linker.DefineFunction("host", "double", (int value) => value * 2);
        return linker.Instantiate(store, module);
    }

    private static int Count(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> piece)
    {
        var count = 0;
        for (int at; (at = bytes.IndexOf(piece)) >= 0; count++)
        {
            bytes = bytes[(at + piece.Length)..];
        }

        return count;
    }
}
