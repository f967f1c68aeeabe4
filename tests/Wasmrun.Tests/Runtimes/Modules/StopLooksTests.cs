using Wasmrun.Runtimes.Modules;
using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Tests.Runtimes.Modules;

public sealed class StopLooksTests
{
    private const string Text =
        """
        (module
          (memory (export "memory") 1)
          (func (export "count") (param i32) (result i32)
            (local i32)
            (loop $outer
              (loop $inner
                (local.set 1 (i32.add (local.get 1) (i32.const 1)))
                (br_if $inner (i32.rem_u (local.get 1) (i32.const 10))))
              (br_if $outer (i32.lt_u (local.get 1) (local.get 0))))
            (local.get 1))
          (func (export "result") (result i32) (loop (result i32) (i32.const 7)))
          (func (export "parameter") (result i32) (i32.const 8) (loop (param i32) (result i32)))
          (func (export "straight") (result i32) (i32.const 9)))
        """;

    [Theory]
    [InlineData("result", 7)]
    [InlineData("parameter", 8)]
    public void Loops_GiveWhatTheyGave_UntilTheFlagIsSet(string name, int expected)
    {
        using var guest = new Guest();
        var function = guest.Instance.GetFunction<int>(name)!;

        Assert.Equal(expected, function());
        guest.Instance.GetMemory("memory")!.WriteInt32(StopFlag.Address, 1);

        Assert.Equal(TrapCode.Unreachable, Assert.Throws<TrapException>(() => function()).Type);
    }

    [Fact]
    public void LoopsInLoops_AllLook()
    {
        using var guest = new Guest();
        var count = guest.Instance.GetFunction<int, int>("count")!;

        Assert.Equal(100, count(100));
        guest.Instance.GetMemory("memory")!.WriteInt32(StopFlag.Address, 1);

        Assert.Equal(TrapCode.Unreachable, Assert.Throws<TrapException>(() => count(100)).Type);
    }

    [Fact]
    public void WhatHasNoLoop_DoesNotLook()
    {
        using var guest = new Guest();
        guest.Instance.GetMemory("memory")!.WriteInt32(StopFlag.Address, 1);

        Assert.Equal(9, guest.Instance.GetFunction<int>("straight")!());
    }

    [Fact]
    public void EveryLoop_HasOneLook()
    {
        var module = new RewrittenModule(Module.ConvertText(Text));
        var loops = Instruction.ReadAll(module[0].Code).Count(static each => each.Operation == Opcode.Loop);

        module.Change(StopLooks.Add);

        Assert.Equal(2, loops);
        Assert.Equal(loops, Instruction.ReadAll(module[0].Code).Count(static each => each.Operation == Opcode.Unreachable));
    }

    private sealed class Guest : IDisposable
    {
        private readonly Engine _engine = new();
        private readonly Store _store;
        private readonly Linker _linker;
        private readonly Module _module;

        public Guest()
        {
            var module = new RewrittenModule(Module.ConvertText(Text));
            module.Change(StopLooks.Add);
            (_store, _linker, _module) = (new(_engine), new(_engine), Module.FromBytes(_engine, "looking", module.ToArray()));
            Instance = _linker.Instantiate(_store, _module);
        }

        public Instance Instance { get; }

        public void Dispose()
        {
            _module.Dispose();
            _linker.Dispose();
            _store.Dispose();
            _engine.Dispose();
        }
    }
}
