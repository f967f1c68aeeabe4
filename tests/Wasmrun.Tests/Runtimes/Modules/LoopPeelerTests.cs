using Wasmrun.Runtimes.Modules;
using Wasmtime;

namespace Wasmrun.Tests.Runtimes.Modules;

/// <summary>A loop whose first round stands before it does what it did.</summary>
public sealed class LoopPeelerTests
{
    /// <summary>Loops that go on, end and leave from every depth, by every kind of branch.</summary>
    private const string Text = """
        (module
          (func (export "falls") (param i32) (result i32) (local $sum i32)
            (loop $again
              (local.set $sum (i32.add (local.get $sum) (local.get 0)))
              (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
              (br_if $again (i32.gt_s (local.get 0) (i32.const 0))))
            (local.get $sum))
          (func (export "leaves") (param i32) (result i32) (local $sum i32)
            (block $out
              (block $other
                (loop $again
                  (local.set $sum (i32.add (local.get $sum) (local.get 0)))
                  (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 7)))
                    (then (br $other))
                    (else (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 5))) (then (br $out)))))
                  (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                  (br $again)))
              (return (i32.sub (i32.const 0) (local.get $sum))))
            (local.get $sum))
          (func (export "chooses") (param i32) (result i32) (local $sum i32)
            (block $two
              (block $one
                (loop $again
                  (block $next
                    (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
                    (local.set 0 (i32.add (local.get 0) (i32.const 3)))
                    (br_table $next $again $one $two $again (i32.rem_u (local.get 0) (i32.const 5))))
                  (br $again)))
              (return (i32.add (local.get $sum) (i32.const 100))))
            (local.get $sum))
          (func (export "nested") (param i32) (result i32) (local $sum i32) (local $at i32)
            (loop $outer
              (local.set $at (local.get 0))
              (block $done
                (loop $inner
                  (br_if $done (i32.eqz (local.get $at)))
                  (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
                  (local.set $at (i32.sub (local.get $at) (i32.const 1)))
                  (br $inner)))
              (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
              (br_if $outer (i32.gt_s (local.get 0) (i32.const 0))))
            (local.get $sum)))
        """;

    [Theory]
    [InlineData("falls")]
    [InlineData("leaves")]
    [InlineData("chooses")]
    [InlineData("nested")]
    public void Function_AnswersAsBefore(string name)
    {
        using var engine = new Wasmtime.Engine();
        var before = Load(engine, Module.ConvertText(Text));
        var after = Load(engine, Peeled(Text, static _ => true));

        Assert.All(Enumerable.Range(0, 20), argument => Assert.Equal(
            before.GetFunction<int, int>(name)!(argument), after.GetFunction<int, int>(name)!(argument)));
    }

    [Fact]
    public void OtherLoops_StayAsTheyAre() => Assert.Equal(new RewrittenModule(Module.ConvertText(Text)).ToArray(), Peeled(Text, static _ => false));

    private static byte[] Peeled(string text, Func<IReadOnlyList<Instruction>, bool> choose)
    {
        var module = new RewrittenModule(Module.ConvertText(text));
        module.Change(function => LoopPeeler.Peel(function, choose));
        return module.ToArray();
    }

    private static Instance Load(Wasmtime.Engine engine, byte[] bytes)
    {
        var store = new Store(engine);
        using var module = Module.FromBytes(engine, "program", bytes);
        using var linker = new Linker(engine);
        return linker.Instantiate(store, module);
    }
}
