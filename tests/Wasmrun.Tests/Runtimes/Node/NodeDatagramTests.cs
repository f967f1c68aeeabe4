using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Datagrams of Node.js programs. What is expected is what Node.js prints for the same.</summary>
public sealed class NodeDatagramTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Datagrams_GoToAndFro()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const dgram = require('dgram'), assert = require('assert');
            const server = dgram.createSocket('udp4', (message, from) => { assert.equal(from.family, 'IPv4'); assert.equal(from.size, message.length); server.send(Buffer.concat([Buffer.from('re: '), message]), from.port, from.address); });
            server.bind(0, '127.0.0.1', () => {
              const { port, address, family } = server.address(); console.log(address, family, port > 0);
              const client = dgram.createSocket({ type: 'udp4' }); const seen = [];
              client.on('message', (m) => { seen.push(String(m)); if (seen.length === 3) { client.close(() => console.log(seen.sort().join())); connected(port); } });
              client.send('one', port); client.send(['t', Buffer.from('wo')], port, 'localhost', (e, n) => console.log(e, n)); client.send(Buffer.from('xthreex'), 1, 5, port, '127.0.0.1');
            });
            function connected(port) {
              const client = dgram.createSocket('udp4');
              client.on('message', (m) => { console.log(String(m), client.remoteAddress().port === port); client.close(); server.close(); six(); });
              client.connect(port, () => { client.send('four'); assert.throws(() => client.send('x', 0, 1, port), { code: 'ERR_SOCKET_DGRAM_IS_CONNECTED' }); });
            }
            function six() {
              const s = dgram.createSocket('udp6', (m, from) => { console.log(String(m), from.family); s.close(); });
              s.bind(() => s.send('six', s.address().port, '::1'));
              const first = dgram.createSocket('udp4').bind(4321, () => dgram.createSocket('udp4').bind(4321).on('error', (e) => { console.log(e.code, e.syscall); first.close(); }));
            }
            assert.throws(() => dgram.createSocket('udp5'), { code: 'ERR_SOCKET_BAD_TYPE' }); assert.throws(() => server.send('x', 0), { code: 'ERR_SOCKET_BAD_PORT' });
            dgram.createSocket('udp4').unref();
            """);

        Assert.Equal(new InstanceExit.Exited(0), exit);
        Assert.Equal(
            ["127.0.0.1 IPv4 true", "EADDRINUSE bind", "null 3", "re: four true", "re: one,re: three,re: two", "six IPv6"],
            output.TrimEnd().Split('\n').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("s.addMembership('224.0.0.1')", "dgram.Socket.addMembership is not available in a wasmrun sandbox")]
    [InlineData("s.send('x', 53, '192.0.2.1', (e) => { console.log(e.code); s.close(); })", "EACCES")]
    [InlineData("s.close(); s.send('x', 53)", "Not running")]
    public async Task WhatASandboxDoesNotAllow_IsAnError(string call, string message)
    {
        var (output, _) = await _node.RunAsync($"const s = require('dgram').createSocket('udp4'); try {{ {call} }} catch (e) {{ console.log(e.message); }}");
        Assert.Contains(message, output, StringComparison.Ordinal);
    }
}
