using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>What a server for Node.js does all day allocates nothing in the runner: measured on the guest's own thread, between two lines that it prints.</summary>
public sealed class NodeAllocationTests : IDisposable
{
    private const int Requests = 2000;

    /// <summary>What a request allocates shows in every attempt; what the system of .NET does once on this thread, in one of them.</summary>
    private const int Attempts = 3;

    private readonly AllocationMeter _meter = new();
    private readonly NodeSandbox _node;

    public NodeAllocationTests() => _node = new() { Output = _meter };

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("r.setHeader('Content-Type', 'text/plain'); r.end('Hello, World!')")]
    [InlineData("r.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 2 }); r.write('{}'); r.end()")]
    [InlineData("r.end(Buffer.from('some bytes'))")]
    [InlineData("setImmediate(() => Promise.resolve().then(() => r.end(q.url)))")]
    public async Task Request_AllocatesNothing(string handler)
    {
        var (_, exit) = await _node.RunAsync(
            $$"""
            const http = require('http'), net = require('net');
            const server = http.createServer((q, r) => { {{handler}} }).listen(0, () => {
              let left = {{Requests}} * (1 + {{Attempts}});
              const client = net.connect(server.address().port, () => client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n'));
              client.on('data', () => {
                if (left % {{Requests}} === 0) console.log('now');
                if (left-- > 0) client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
                else client.end(() => server.close());
              });
            });
            """);

        Assert.Equal(new InstanceExit.Exited(0), exit);
        // What it takes to print the first of the two lines is in there.
        Assert.InRange(Enumerable.Range(1, Attempts).Min(i => _meter.Marks[i + 1] - _meter.Marks[i]), 0, Requests / 10);
    }

    private sealed class AllocationMeter : IGuestOutput
    {
        /// <summary>What the guest's thread had allocated at each line.</summary>
        public List<long> Marks { get; } = new(16);

        public void Write(GuestStream stream, ReadOnlySpan<byte> bytes) => Marks.Add(GC.GetAllocatedBytesForCurrentThread());
    }
}
