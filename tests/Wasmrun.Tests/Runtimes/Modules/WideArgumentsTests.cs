using Wasmrun.Runtimes.Modules;
using Wasmtime;

namespace Wasmrun.Tests.Runtimes.Modules;

public sealed class WideArgumentsTests
{
    private const string Text =
        """
        (module
          (type $six (func (param i32 i64 i32 i32 i32 i32) (result i32)))
          (import "host" "last" (func $last (param i32 i32 i32 i32 i32) (result i32)))
          (table 1 funcref)
          (elem (i32.const 0) $digits)
          ;; Each of its numbers in a decimal place of its own; what it was given it changes.
          (func $digits (type $six)
            (local i32)
            (local.set 5 (i32.sub (local.get 5) (i32.const 1)))
            (local.set 6 (i32.add (i32.mul (local.get 0) (i32.const 10)) (i32.wrap_i64 (local.get 1))))
            (local.set 6 (i32.add (i32.mul (local.get 6) (i32.const 10)) (local.get 2)))
            (local.set 6 (i32.add (i32.mul (local.get 6) (i32.const 10)) (local.get 3)))
            (local.set 6 (i32.add (i32.mul (local.get 6) (i32.const 10)) (local.get 4)))
            (i32.add (i32.mul (local.get 6) (i32.const 10)) (local.get 5)))
          (func (export "direct") (result i32)
            (call $digits (i32.const 1) (i64.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 7)))
          (func (export "indirect") (param i32) (result i32)
            (call_indirect (type $six) (i32.const 6) (i64.const 5) (i32.const 4) (i32.const 3) (i32.const 2) (i32.const 2) (local.get 0)))
          (func $mixed (param f64 i32 i64 i32 i32 i64 i32 f64) (result i32)
            (i32.add (i32.wrap_i64 (local.get 5)) (i32.add (local.get 6) (i32.trunc_f64_s (local.get 7)))))
          (func (export "mixed") (result i32)
            (call $mixed (f64.const 1) (i32.const 2) (i64.const 3) (i32.const 4) (i32.const 5) (i64.const 600) (i32.const -70) (f64.const 8)))
          (func (export "imported") (param i32) (result i32)
            (call $last (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (local.get 0)))
          (func (export "given") (param i32 i32 i32 i32 i32) (result i32) (local.get 4))
          (func (export "four") (param i32 i64 i32 i32) (result i32) (local.get 3)))
        """;

    [Theory]
    [InlineData("direct", 123456)]
    [InlineData("mixed", 538)]
    public void Calls_GiveWhatTheyGave(string name, int expected)
    {
        using var guest = new Guest();

        Assert.Equal(expected, guest.Instance.GetFunction<int>(name)!());
    }

    [Fact]
    public void CallsThroughTheTable_GiveWhatTheyGave()
    {
        using var guest = new Guest();

        Assert.Equal(654321, guest.Instance.GetFunction<int, int>("indirect")!(0));
    }

    [Theory]
    [InlineData(7, 7L)]
    [InlineData(-1, 0xffffffffL)]
    public void ImportedFunction_IsGivenAWideNumber(int number, long expected)
    {
        using var guest = new Guest();

        Assert.Equal(number, guest.Instance.GetFunction<int, int>("imported")!(number));
        Assert.Equal(expected, guest.Last);
    }

    [Fact]
    public void ExportedFunction_TakesAWideNumber()
    {
        using var guest = new Guest();

        Assert.Equal(-2, guest.Instance.GetFunction("given")!.WrapFunc<int, int, int, int, long, int>()!(1, 2, 3, 4, 0x5_ffff_fffe));
    }

    [Fact]
    public void NumbersInRegisters_StayAsTheyAre()
    {
        using var guest = new Guest();

        Assert.Equal(9, guest.Instance.GetFunction("four")!.WrapFunc<int, long, int, int, int>()!(6, 7, 8, 9));
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
            module.WidenArguments();
            (_store, _linker, _module) = (new(_engine), new(_engine), Module.FromBytes(_engine, "wide", module.ToArray()));
            _linker.DefineFunction("host", "last", (int _, int _, int _, int _, long number) =>
            {
                Last = number;
                return (int)number;
            });
            Instance = _linker.Instantiate(_store, _module);
        }

        public Instance Instance { get; }

        public long Last { get; private set; }

        public void Dispose()
        {
            _module.Dispose();
            _linker.Dispose();
            _store.Dispose();
            _engine.Dispose();
        }
    }
}
