using BenchmarkDotNet.Attributes;
using Wasmrun.Network;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Benchmarks.Sandbox;

/// <summary>What one call of a guest into the runner costs, and that it allocates nothing. The guest itself makes the calls, in a loop.</summary>
[MemoryDiagnoser]
public class HostCallBenchmarks : IDisposable
{
    private const int Calls = 10_000;

    private BenchmarkStack _stack = null!;
    private NetworkNamespace _network = null!;
    private WasiHost _host = null!;
    private Store _store = null!;
    private Action<int> _loop = null!;

    /// <summary>The call, with its arguments; a memory holds an iovec of 64 bytes at 0 and a subscription to a clock at 64.</summary>
    [Params(
        "sched_yield",
        "clock_time_get (i32.const 1) (i64.const 0) (i32.const 1024)",
        "random_get (i32.const 1024) (i32.const 16)",
        "fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 1024)",
        "fd_fdstat_get (i32.const 1) (i32.const 1024)",
        "poll_oneoff (i32.const 64) (i32.const 1024) (i32.const 1) (i32.const 1100)")]
    public string Call { get; set; } = string.Empty;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _stack = new();
        var module = (await _stack.LoadAsync(Text())).Code.Module;
        _network = _stack.Service.CreateNamespace();
        _host = new(new() { Network = _network, Output = new DiscardedOutput() });
        _host.Open();
        _store = new(_stack.Engine.Native);
        _store.SetEpochDeadline(ulong.MaxValue / 2);
        using var linker = new Linker(_stack.Engine.Native);
        _host.Define(linker, module);
        var instance = linker.Instantiate(_store, module);
        _host.Attach(instance);
        _loop = instance.GetAction<int>("loop")!;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public void HostCall() => _loop(Calls);

    [GlobalCleanup]
    public void Dispose()
    {
        _store.Dispose();
        _host.Dispose();
        _network.Dispose();
        _stack.Dispose();
        GC.SuppressFinalize(this);
    }

    private string Text() =>
        $"""
        (module
          (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
          (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\00\04\00\00\40\00\00\00")
          (data (i32.const 80) "\01\00\00\00")
          (func (export "_start"))
          (func (export "loop") (param i32)
            (loop $again
              (if (call ${Call}) (then unreachable))
              (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
              (br_if $again (local.get 0)))))
        """;
}
