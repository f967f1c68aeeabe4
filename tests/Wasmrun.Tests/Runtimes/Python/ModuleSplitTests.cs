using Wasmrun.Runtimes.Python;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox;
using Wasmtime;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>A module in parts does what it does as a whole, and each part but the near one is only loaded when it is called.</summary>
public sealed class ModuleSplitTests : IDisposable
{
    /// <summary>Function 0 is near, 1 in the second part, 2 near and called from there, 3 in the third part and called through its address, 4 and 5 in the second and third and called from each other.</summary>
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
                (else (if (result i32) (i32.eq (local.get $what) (i32.const 2))
                  (then (call_indirect (type $sum) (i32.const 7) (i64.const 8) (i32.const 0)))
                  (else (call $even (i32.const 5)))))))))
          (func $far (type $sum)
            (i32.store (i32.const 64) (i32.const 1000))
            (global.set $top (i32.add (global.get $top) (i32.const 1)))
            (i32.add (call $yield) (i32.add (global.get $top) (call $shared (local.get 0) (local.get 1)))))
          (func $shared (type $sum)
            (i32.add (i32.load (i32.const 64)) (i32.add (local.get 0) (i32.wrap_i64 (local.get 1)))))
          (func $addressed (type $sum) (i32.mul (local.get 0) (i32.wrap_i64 (local.get 1))))
          (func $even (param $n i32) (result i32)
            (if (result i32) (local.get $n) (then (i32.add (i32.const 10) (call $odd (i32.sub (local.get $n) (i32.const 1))))) (else (i32.const 1))))
          (func $odd (param $n i32) (result i32)
            (if (result i32) (local.get $n) (then (i32.add (i32.const 100) (call $even (i32.sub (local.get $n) (i32.const 1))))) (else (i32.const 2)))))
        """;

    private const string Plan = "nUNlUL";

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
        Assert.Equal(new InstanceExit.Exited(3), await RunAsync(static (_, _) => throw new InvalidOperationException("loaded"), 0));

    [Fact]
    public async Task FarFunctions_ShareMemoryGlobalsAndFunctions()
    {
        var loads = new List<int>();
        var exit = await RunAsync(
            (part, load) =>
            {
                loads.Add(part);
                return load();
            },
            1,
            1,
            0);

        // 1000 + 30 + 6, then 1000 + 30 + 7, then 1000 + 3.
        Assert.Equal(new InstanceExit.Exited(1036 + 1037 + 1003), exit);
        Assert.Equal([1], loads);
    }

    [Fact]
    public async Task FarFunctions_AreCalledByTheirAddress() => Assert.Equal(new InstanceExit.Exited(56 + 56), await RunAsync(static (_, load) => load(), 2, 2));

    [Fact]
    public async Task FarFunctions_CallThoseOfOtherFarParts()
    {
        var loads = new List<int>();
        var exit = await RunAsync(
            (part, load) =>
            {
                loads.Add(part);
                return load();
            },
            3,
            3);

        Assert.Equal(new InstanceExit.Exited(2 * (10 + 100 + 10 + 100 + 10 + 2)), exit);
        Assert.Equal([1, 2], loads);
    }

    [Fact]
    public void PartLoadedAhead_IsNotLoadedAgain()
    {
        var loads = 0;
        var done = new TaskCompletionSource<CompiledModule>();
        var code = new FarCode(() =>
        {
            Interlocked.Increment(ref loads);
            return done.Task;
        });
        code.LoadAhead();
        code.LoadAhead();

        // What it is does not matter here; one that fails is loaded again.
        done.SetResult(null!);

        var network = _sandbox.Options().Network;
        Assert.Null(code.Load(network.Stop));
        Assert.Null(code.Load(network.Stop));
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task FarPartThatCannotBeLoaded_EndsTheInstance()
    {
        var exit = await RunAsync(static (_, _) => Task.FromException<CompiledModule>(new ModuleLoadException("it is gone")), 1);

        Assert.Contains("it is gone", Assert.IsType<InstanceExit.Failed>(exit).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GuestThatWaitsForItsFarPart_IsStopped()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<CompiledModule>();
        await using var instance = await CreateAsync(
            (_, _) =>
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
        Assert.Throws<InvalidDataException>(() => new ModuleSplit(Module.ConvertText(Text), "nF").Write(0));

    [Fact]
    public void PlanThatLeavesOutACall_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => new ModuleSplit(Module.ConvertText(Text), "nuNlUL").Write(0));

    private async Task<InstanceExit> RunAsync(Func<int, Func<Task<CompiledModule>>, Task<CompiledModule>> load, params int[] calls)
    {
        await using var instance = await CreateAsync(load, calls);
        instance.Start();
        return await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    private async Task<SandboxInstance> CreateAsync(Func<int, Func<Task<CompiledModule>>, Task<CompiledModule>> load, params int[] calls)
    {
        var split = new ModuleSplit(Module.ConvertText(Text), Plan);
        string[] parts = ["near.wasm", "second.wasm", "third.wasm"];
        foreach (var (part, name) in parts.Index())
        {
            await File.WriteAllBytesAsync(_folder.Sub(name), split.Write(part, "top"), Token);
        }

        return _sandbox.Engine.Create(await _sandbox.Engine.LoadLibraryAsync(_folder.Sub(parts[0]), Token), _sandbox.Options() with
        {
            Driver = () => new Calling(calls),
            Far = [.. Enumerable.Range(1, 2).Select(part => new FarCode(() => load(part, () => _sandbox.Engine.LoadLibraryAsync(_folder.Sub(parts[part]), CancellationToken.None))))],
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
