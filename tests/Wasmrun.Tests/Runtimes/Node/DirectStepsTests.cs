using Wasmrun.Runtimes.Modules;
using Wasmrun.Runtimes.Node.Engine;
using Wasmtime;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>An interpreter of the engine's form comes to the same with jumps from operation to operation.</summary>
public sealed class DirectStepsTests
{
    private const int Program = 64;

    // 0 ends, 1 adds its operand, 2 doubles, 3 goes back by its operand while there is something to count down, 4 is one that has to go by the loop.
    private const string Steps = "copy 1 add\nmove 2 double\n\n# what follows\n1 add > 2 double 1 add 3 again\n2 double > 1 add 2 double\n3 again > 1 add\n";

    private static readonly string _text = $$"""
        (module
          (memory (export "memory") 1)
          (func (export "run") (param $count i32) (result i64) (local $at i32) (local $next i32) (local $step i32) (local $sum i64) (local $none i64) (local $rounds i32)
            (local.set $at (i32.const {{Program}}))
            (local.set $next (i32.const {{Program + 1}}))
            (block $end
              (loop $round
                (block $all
                  (local.set $none (i64.const 0))
                  (block $none
                    (block $one
                      (block $two
                        (block $three
                          (block $four
                            (local.get $at) (i32.load8_u) (local.tee $step)
                            (br_table $end $one $two $three $four {{string.Concat(Enumerable.Repeat("$none ", 252))}}))
                          (local.set $sum (i64.add (local.get $sum) (i64.const 1000)))
                          (local.set $at (local.get $next))
                          (local.set $next (i32.add (local.get $next) (i32.const 1)))
                          (br $round))
                        (local.set $none (i64.const 7))
                        (if (local.get $count)
                          (then
                            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
                            (local.set $at (i32.sub (local.get $next) (i32.load8_u (local.get $next))))
                            (local.set $next (i32.add (local.get $at) (i32.const 1)))
                            (br $round)))
                        (local.set $at (i32.add (local.get $next) (i32.const 1)))
                        (local.set $next (i32.add (local.get $next) (i32.const 2)))
                        (br $round))
                      (local.set $sum (i64.add (local.get $sum) (i64.add (local.get $sum) (local.get $none))))
                      (local.set $at (local.get $next))
                      (local.set $next (i32.add (local.get $next) (i32.const 1)))
                      (br $round))
                    (local.set $sum (i64.add (local.get $sum) (i64.load8_u (local.get $next))))
                    (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (i32.sub (local.get $step) (i32.const 1)))))
                    (local.set $at (i32.add (local.get $next) (i32.const 1)))
                    (local.set $next (i32.add (local.get $next) (i32.const 2)))
                    (br $round))
                  (local.set $sum (i64.const -1))
                  (br $end))))
            (local.get $sum)))
        """;

    [Theory]
    [InlineData(0, new byte[] { 1, 5, 2, 2, 1, 1, 0 }, 21)]
    [InlineData(0, new byte[] { 2, 1, 3, 4, 1, 2, 2, 0 }, 2010)]
    [InlineData(3, new byte[] { 1, 1, 2, 3, 4, 1, 9, 0 }, 39)]
    [InlineData(1, new byte[] { 2, 3, 2, 9, 0 }, -1)]
    public void Steps_ComeToTheSame(int count, byte[] program, long expected)
    {
        var module = new RewrittenModule(Module.ConvertText(_text));
        var given = module.ToArray();

        module[0] = DirectSteps.Add(module[0], StepStatistics.Parse(Steps));

        Assert.Equal((expected, expected), (Run(given, count, program), Run(module.ToArray(), count, program)));
    }

    [Theory]
    [InlineData("copy 9 other\n1 add > 9 other\n")]
    [InlineData("1 add > 9 other\n")]
    public void OperationWithoutCodeOfItsOwn_IsRefused(string steps)
    {
        var module = new RewrittenModule(Module.ConvertText(_text));

        Assert.Throws<NotSupportedException>(() => DirectSteps.Add(module[0], StepStatistics.Parse(steps)));
    }

    [Theory]
    [InlineData("(local.get $at) (i32.load8_u) (local.tee $step)", "(i32.load8_u (i32.add (local.get $at) (i32.const 0)))")]
    [InlineData("(local.set $none (i64.const 0))", "(i32.store (i32.const 0) (i32.const 0))")]
    [InlineData("(loop $round", "(block $round")]
    public void OtherForms_AreRefused(string part, string other)
    {
        var module = new RewrittenModule(Module.ConvertText(_text.Replace(part, other, StringComparison.Ordinal)));

        Assert.Throws<NotSupportedException>(() => DirectSteps.Add(module[0], StepStatistics.Parse(Steps)));
    }

    private static long Run(byte[] bytes, int count, byte[] program)
    {
        using var engine = new Wasmtime.Engine();
        using var module = Module.FromBytes(engine, "program", bytes);
        using var linker = new Linker(engine);
        using var store = new Store(engine);
        var instance = linker.Instantiate(store, module);
        program.CopyTo(instance.GetMemory("memory")!.GetSpan(Program, program.Length));
        return instance.GetFunction<int, long>("run")!(count);
    }
}
