using BenchmarkDotNet.Attributes;
using Wasmrun.Sandbox;

namespace Wasmrun.Benchmarks.Sandbox;

/// <summary>What an instance of a compiled module costs from its creation until everything of it is gone again.</summary>
[MemoryDiagnoser]
public class InstanceStartBenchmarks : IDisposable
{
    private BenchmarkStack _stack = null!;
    private CompiledModule _module = null!;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _stack = new();
        _module = await _stack.Engine.LoadAsync(BenchmarkStack.GuestPath("exit"), CancellationToken.None);
    }

    [Benchmark]
    public async Task<InstanceExit> StartAndExit()
    {
        using var network = _stack.Service.CreateNamespace();
        await using var instance = _stack.Engine.Create(_module, new()
        {
            Name = "exit-1",
            Arguments = ["exit", "0", "0"],
            Network = network,
            Output = new DiscardedOutput(),
        });
        instance.Start();
        return await instance.Completion;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _stack.Dispose();
        GC.SuppressFinalize(this);
    }
}
