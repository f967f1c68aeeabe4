using Wasmrun.Runtimes.Python;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox;
using Wasmtime;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>A module in two parts does what it does as a whole, and the far part is only loaded when it is called.</summary>
public sealed class ModuleSplitTests : IDisposable
{
    /// <summary>Function 0 is near, 1 far, 2 near and called from far, 3 far and called through its address, 4 far and called from far alone.</summary>
    private const string Text = """
        (module
          (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
          (type $sum (func (param i32 i64) (result i32)))
          (table 1 funcref)
          (memory (export "memory") 1)
          (global $top (export "top") (mut i32) (i32.const 5))
          (data (i32.const 128) "data")
          (elem (i32.const 0) $addressed)
          (func (export "run") (param $what i32) (result i32)
            (if (result i32) (i32.eq (local.get $what) (i32.const 0))
              (then (call $shared (i32.const 1) (i64.const 2)))
              (else (if (result i32) (i32.eq (local.get $what) (i32.const 1))
                (then (call $far (i32.const 10) (i64.const 20)))
                (else (call_indirect (type $sum) (i32.const 7) (i64.const 8) (i32.const 0)))))))
          (func $far (type $sum)
            (i32.store (i32.const 64) (i32.const 1000))
            (global.set $top (i32.add (global.get $top) (i32.const 1)))
            (i32.add (call $yield) (i32.add (call $own) (call $shared (local.get 0) (local.get 1)))))
          (func $shared (type $sum)
            (i32.add (i32.load (i32.const 64)) (i32.add (local.get 0) (i32.wrap_i64 (local.get 1)))))
          (func $addressed (type $sum) (i32.mul (local.get 0) (i32.wrap_i64 (local.get 1))))
          (func $own (result i32) (global.get $top)))
        """;

    private const string Plan = "nFNFf";

    private readonly TestSandbox _sandbox = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _sandbox.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task NearFunctions_NeedNoFarPart() =>
        Assert.Equal(new InstanceExit.Exited(3), await RunAsync(static _ => throw new InvalidOperationException("loaded"), 0));

    [Fact]
    public async Task FarFunctions_ShareMemoryGlobalsAndFunctions()
    {
        var loads = 0;
        var exit = await RunAsync(
            load =>
            {
                loads++;
                return load();
            },
            1,
            1,
            0);

        // 1000 + 30 + 6, then 1000 + 30 + 7, then 1000 + 3.
        Assert.Equal(new InstanceExit.Exited(1036 + 1037 + 1003), exit);
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task FarFunctions_AreCalledByTheirAddress() => Assert.Equal(new InstanceExit.Exited(56), await RunAsync(static load => load(), 2));

    [Fact]
    public async Task FarPartThatCannotBeLoaded_EndsTheInstance()
    {
        var exit = await RunAsync(static _ => Task.FromException<CompiledModule>(new ModuleLoadException("it is gone")), 1);

        Assert.Contains("it is gone", Assert.IsType<InstanceExit.Failed>(exit).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GuestThatWaitsForItsFarPart_IsStopped()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<CompiledModule>();
        await using var instance = await CreateAsync(
            _ =>
            {
                asked.SetResult();
                return never.Task;
            },
            1);
        instance.Start();
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);

        instance.Stop();

        Assert.Equal(new InstanceExit.Stopped(), await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token));
    }

    [Fact]
    public void PlanOfAnotherModule_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => new ModuleSplit(Module.ConvertText(Text), "nF").WriteNear());

    private async Task<InstanceExit> RunAsync(Func<Func<Task<CompiledModule>>, Task<CompiledModule>> load, params int[] calls)
    {
        await using var instance = await CreateAsync(load, calls);
        instance.Start();
        return await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    private async Task<SandboxInstance> CreateAsync(Func<Func<Task<CompiledModule>>, Task<CompiledModule>> load, params int[] calls)
    {
        var split = new ModuleSplit(Module.ConvertText(Text), Plan);
        var (near, far) = (_folder.Sub("near.wasm"), _folder.Sub("far.wasm"));
        await File.WriteAllBytesAsync(near, split.WriteNear(), Token);
        await File.WriteAllBytesAsync(far, split.WriteFar("top"), Token);
        return _sandbox.Engine.Create(await _sandbox.Engine.LoadLibraryAsync(near, Token), _sandbox.Options() with
        {
            Driver = () => new Calling(calls),
            Far = new(() => load(() => _sandbox.Engine.LoadLibraryAsync(far, CancellationToken.None))),
        });
    }

    /// <summary>Adds up what the calls answer.</summary>
    private sealed class Calling(int[] calls) : IGuestDriver
    {
        public void Define(Linker linker)
        {
        }

        public int Run(DrivenGuest guest) => calls.Sum(what => guest.Instance.GetFunction<int, int>("run")!(what));
    }
}
