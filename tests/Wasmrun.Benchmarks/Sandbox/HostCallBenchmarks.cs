using BenchmarkDotNet.Attributes;

namespace Wasmrun.Benchmarks.Sandbox;

/// <summary>
/// What one call of a guest into the runner costs, and that it allocates nothing. The guest itself makes the calls, in a loop;
/// where one call needs another to go on for ever (what is received has to be sent), the row is that of both.
/// </summary>
[MemoryDiagnoser]
public class HostCallBenchmarks : IDisposable
{
    private const int Calls = 10_000;

    private CallingGuest _guest = null!;

    [ParamsSource(nameof(Rows))]
    public string Row { get; set; } = string.Empty;

    public static IEnumerable<string> Rows => HostCallRows.Names;

    [GlobalSetup]
    public async Task SetUpAsync() => _guest = await CallingGuest.StartAsync(HostCallRows.CallsOf(Row));

    [Benchmark(OperationsPerInvoke = Calls)]
    public void HostCall() => _guest.Call(Calls);

    [GlobalCleanup]
    public void Dispose()
    {
        _guest.Dispose();
        GC.SuppressFinalize(this);
    }
}
