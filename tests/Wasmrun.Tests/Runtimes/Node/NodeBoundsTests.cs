using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>What a Node.js program asks of the host stays within the bounds of its instance.</summary>
public sealed class NodeBoundsTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task File_HasToFitIntoTheGuestsMemory()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const fs = require('fs');
            for (const size of [3, 100 << 20, 2147483000, 2147483647, 5000000000]) {
              fs.writeFileSync('sparse', 'abc');
              fs.truncateSync('sparse', size);
              for (const encoding of ['utf8', undefined]) {
                try { console.log(String(fs.readFileSync('sparse', encoding))); } catch (error) { console.log(error.code); }
              }
            }
            fs.unlinkSync('sparse');
            """,
            limits: new() { MemoryBytes = 64 << 20 });

        const string NoMemory = "ERR_OUT_OF_MEMORY\nERR_OUT_OF_MEMORY\n";
        const string TooLarge = "ERR_FS_FILE_TOO_LARGE\nERR_FS_FILE_TOO_LARGE\n";
        Assert.Equal(($"abc\nabc\n{NoMemory}{NoMemory}{TooLarge}{TooLarge}", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Sockets_AndFilesAreCountedTogether()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const fs = require('fs'), net = require('net');
            const servers = [];
            (function next() {
              const server = net.createServer().listen(0, () => { servers.push(server); next(); }).on('error', (error) => {
                console.log(error.code, servers.length > 5 && servers.length < 20);
                try { fs.openSync('main.js'); } catch (error) { console.log(error.code); }
                servers.pop().close();
                const file = fs.openSync('main.js');
                net.createServer().listen(0).on('error', (error) => {
                  console.log(error.code);
                  fs.closeSync(file);
                  for (const each of servers) each.close();
                });
              });
            })();
            """,
            limits: new() { Descriptors = 20 });

        Assert.Equal(("EMFILE true\nEMFILE\nEMFILE\n", new InstanceExit.Exited(0)), (output, exit));
    }
}
