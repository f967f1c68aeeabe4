using Wasmrun.Runtimes.Modules;
using Wasmrun.Runtimes.Node.Engine;
using Wasmtime;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>An interpreter of the engine's form goes the same way without what its steps do for nothing.</summary>
public sealed class InterpreterStepsTests
{
    private const string Text = """
        (module
          (memory 1)
          (data (i32.const 2000) "\04\00\00\00\03\00\00\00\02\00\00\00")
          (data (i32.const 2012) "\09\00\00\00\01\00\00\00")
          (func $print (param i32 i32 i32 i32) (unreachable))
          (func (export "step") (param i32) (result i32) (local $at i32) (local $flags i32)
            (if (i32.and (i32.load8_u offset=753 (i32.load (local.tee $at (i32.add (local.get 0) (i32.const 8))))) (i32.const 128))
              (then (call $print (local.get 0) (local.get 0) (local.get 0) (i32.const 0))))
            (if (i32.and (i32.load8_u offset=753 (i32.load offset=4 (local.get $at))) (i32.const 128))
              (then (call $print (local.get 0) (local.get 0) (local.get 0) (i32.const 0))))
            (if (i32.and (i32.load8_u offset=753 (i32.mul (local.get 0) (i32.const 2))) (i32.const 128))
              (then (call $print (local.get 0) (local.get 0) (local.get 0) (i32.const 0))))
            (block $other
              (block $two
                (block $one
                  (block $none
                    (br_table $none $one $two $other (i32.sub (i32.load offset=2000 (i32.shl (i32.load8_u (local.get $at)) (i32.const 2))) (i32.const 2))))
                  (return (i32.const 10)))
                (return (i32.const 11)))
              (return (i32.const 12)))
            (i32.const 13))
          (func (export "put") (param i32) (i32.store8 (i32.add (local.get 0) (i32.const 8)) (local.get 0))))
        """;

    [Fact]
    public void Steps_GoTheSameWay()
    {
        var module = new RewrittenModule(Wasmtime.Module.ConvertText(Rewritable));
        var given = module[1].Code.Length;
        module.Change(InterpreterSteps.WithoutTrace);
        var shorter = module[1].Code.Length;
        module[1] = InterpreterSteps.WithOneTable(module[1], module.Memory);
        using var engine = new Wasmtime.Engine();
        var (before, after) = (Load(engine, Wasmtime.Module.ConvertText(Rewritable)), Load(engine, module.ToArray()));

        Assert.Equal((3 * 21) + 3 + 5 - 1, given - shorter);
        Assert.All(Enumerable.Range(0, 5), operation => Assert.Equal(before(operation), after(operation)));
        Assert.Equal([12, 11, 10, 13, 13], Enumerable.Range(0, 5).Select(after));
    }

    [Fact]
    public void TableElsewhere_IsNotGuessed()
    {
        var module = new RewrittenModule(Wasmtime.Module.ConvertText(Text));

        Assert.Throws<NotSupportedException>(() => InterpreterSteps.WithOneTable(module[1], module.Memory));
    }

    /// <summary>The same with a table for every operation.</summary>
    private static string Rewritable => Text.Replace(
        """(data (i32.const 2012) "\09\00\00\00\01\00\00\00")""",
        $"""(data (i32.const 2012) "\09\00\00\00\01\00\00\00{string.Concat(Enumerable.Repeat("\\ff", 251 * 4))}")""",
        StringComparison.Ordinal);

    private static Func<int, int> Load(Wasmtime.Engine engine, byte[] bytes)
    {
        var store = new Store(engine);
        using var module = Wasmtime.Module.FromBytes(engine, "program", bytes);
        using var linker = new Linker(engine);
        var instance = linker.Instantiate(store, module);
        return operation =>
        {
            instance.GetAction<int>("put")!(operation);
            return instance.GetFunction<int, int>("step")!(operation);
        };
    }
}
