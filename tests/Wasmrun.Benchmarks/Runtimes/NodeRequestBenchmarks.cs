using BenchmarkDotNet.Attributes;

namespace Wasmrun.Benchmarks.Runtimes;

/// <summary>
/// What a request to a server on Node.js costs on a connection that is kept, one after the other, and that the runner allocates nothing for it:
/// the guest's thread and its client are both of this process.
/// </summary>
[MemoryDiagnoser]
public class NodeRequestBenchmarks : IDisposable
{
    private const int Requests = 1_000;

    private static readonly Dictionary<string, string> s_handlers = new(StringComparer.Ordinal)
    {
        ["text"] = "response.setHeader('Content-Type', 'text/plain'); response.end('Hello, World!')",
        ["bytes"] = "response.end(Buffer.from('Hello, World!'))",
        ["writeHead + write"] = "response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 13 }); response.write('Hello, World!'); response.end()",
        ["async"] = "setImmediate(async () => { await null; response.end('Hello, World!'); })",
    };

    private ServingNode _server = null!;

    [ParamsSource(nameof(Rows))]
    public string Row { get; set; } = string.Empty;

    public static IEnumerable<string> Rows => s_handlers.Keys;

    [GlobalSetup]
    public async Task SetUpAsync() => _server = await ServingNode.StartAsync(s_handlers[Row]);

    [Benchmark(OperationsPerInvoke = Requests)]
    public void Request() => _server.Ask(Requests);

    [GlobalCleanup]
    public void Dispose()
    {
        _server.Dispose();
        GC.SuppressFinalize(this);
    }
}
