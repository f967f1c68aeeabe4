using Wasmrun.Runtimes.Modules;
using Wasmtime;

namespace Wasmrun.Tests.Runtimes.Modules;

/// <summary>A function in two parts does what it did in one.</summary>
public sealed class EarlyExitsTests
{
    /// <summary>It lets numbers under 3 alone, counts down what lies at the others, and frees what has come to 0, whose own it lets go then; it uses the stack in memory.</summary>
    private const string Text = """
        (module
          (memory 1)
          (data (i32.const 12) "\03\00\00\00" "\01\00\00\00" "\02\00\00\00" "\01\00\00\00")
          (global $stack (mut i32) (i32.const 1024))
          (func $release (param i32 i64) (local i32 i32 i64)
            (global.set $stack (local.tee 2 (i32.sub (global.get $stack) (i32.const 16))))
            (block
              (br_if 0 (i64.lt_u (local.get 1) (i64.const 3)))
              (local.set 3 (i32.shl (i32.wrap_i64 (local.get 1)) (i32.const 2)))
              (i32.store (local.get 3) (i32.sub (i32.load (local.get 3)) (i32.const 1)))
              (br_if 0 (i32.gt_s (i32.load (local.get 3)) (i32.const 0)))
              (local.set 4 (i64.extend_i32_u (local.get 3)))
              (i64.store (local.get 2) (local.get 4))
              (if (i32.eqz (local.get 0)) (then (br 1)))
              (i32.store offset=512 (i32.wrap_i64 (i64.load (local.get 2))) (local.get 0))
              (call $release (i32.sub (local.get 0) (i32.const 1)) (i64.sub (local.get 1) (i64.const 1))))
            (global.set $stack (i32.add (local.get 2) (i32.const 16))))
          (func (export "release") (param i32) (result i64) (local i64)
            (call $release (i32.const 5) (i64.extend_i32_u (local.get 0)))
            (call $release (i32.const 6) (i64.extend_i32_u (i32.rem_u (i32.mul (local.get 0) (i32.const 3)) (i32.const 7))))
            (i64.add
              (i64.add (i64.load (i32.const 12)) (i64.mul (i64.load (i32.const 20)) (i64.const 31)))
              (i64.add (i64.extend_i32_u (global.get $stack))
                (i64.add (i64.load (i32.const 524)) (i64.mul (i64.load (i32.const 532)) (i64.const 7)))))))
        """;

    [Fact]
    public void Function_AnswersAsBefore()
    {
        var module = new RewrittenModule(Module.ConvertText(Text));
        var exits = EarlyExits.Of(module[0], (uint)module.Next)!;
        module[0] = exits.Short;
        module.Add(exits.Rest);
        using var engine = new Wasmtime.Engine();
        var before = Load(engine, Module.ConvertText(Text));
        var inTwo = Load(engine, module.ToArray());
        module.Inline(2);
        var inlined = Load(engine, module.ToArray());

        foreach (var argument in new[] { 0, 3, 1, 5, 6, 4, 6, 5, 3, 3, 6 })
        {
            var expected = before(argument);
            Assert.Equal(expected, inTwo(argument));
            Assert.Equal(expected, inlined(argument));
        }
    }

    [Theory]
    [InlineData("""(module (func (param i32) (block (br_if 0 (local.get 0)) (unreachable))))""")]
    [InlineData("""(module (global (mut i32) (i32.const 9)) (func (param i32) (local i32) (global.set 0 (local.tee 1 (i32.sub (global.get 0) (i32.const 4)))) (block (if (local.get 0) (then (return)))) (global.set 0 (i32.add (local.get 1) (i32.const 4)))))""")]
    [InlineData("""(module (global (mut i32) (i32.const 9)) (func (param i32) (local i32) (global.set 0 (local.tee 1 (i32.sub (global.get 0) (i32.const 4)))) (block (br_if 0 (local.get 1))) (global.set 0 (i32.add (local.get 1) (i32.const 4)))))""")]
    public void OtherForms_StayWhole(string text) => Assert.Null(EarlyExits.Of(new RewrittenModule(Module.ConvertText(text))[0], 1));

    private static Func<int, long> Load(Wasmtime.Engine engine, byte[] bytes)
    {
        var store = new Store(engine);
        using var module = Module.FromBytes(engine, "program", bytes);
        using var linker = new Linker(engine);
        return linker.Instantiate(store, module).GetFunction<int, long>("release")!;
    }
}
