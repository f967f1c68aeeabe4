using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Node's streams as streams of the web, and the other way round.</summary>
public sealed class StreamWebTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Streams_AreConvertedInBothDirections()
    {
        var (output, exit) = await _node.RunAsync("""
            const { Readable, Writable } = require('node:stream');
            (async () => {
              let there = '';
              for await (const chunk of Readable.toWeb(Readable.from([Buffer.from('a'), Buffer.from('b')]))) there += Buffer.from(chunk).toString();
              let back = '';
              for await (const chunk of Readable.fromWeb(new Response('xyz').body)) back += chunk;
              const written = [];
              const writer = Writable.toWeb(new Writable({ write(chunk, encoding, callback) { written.push(String(chunk)); callback(); } })).getWriter();
              await writer.write('q');
              await writer.close();
              const failing = Readable.toWeb(new Readable({ read() { this.destroy(new Error('broken')); } })).getReader();
              const error = await failing.read().catch((error) => error.message);
              console.log(there, back, written.join(), error);
            })();
            """);

        Assert.Equal(("ab xyz q broken\n", new InstanceExit.Exited(0)), (output, exit));
    }
}
