using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Hashes and HMACs of what comes in many pieces.</summary>
public sealed class NodeDigestTests : IDisposable
{
    private const string Begin = "const c = require('crypto'); const piece = (n) => Buffer.alloc(40000, `piece ${n}`); const all = Buffer.concat([0, 1, 2, 3].map(piece)); ";

    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("for (const name of ['md5', 'sha1', 'sha256', 'sha384', 'sha512']) { const h = c.createHash(name); for (let n = 0; n < 4; n++) h.update(piece(n)); console.log(h.digest('hex') === c.createHash(name).update(all).digest('hex')); }", "true\ntrue\ntrue\ntrue\ntrue\n")]
    [InlineData("const h = c.createHmac('sha256', 'key'); for (let n = 0; n < 4; n++) h.update(piece(n)); console.log(h.digest('base64') === c.createHmac('sha256', 'key').update(all).digest('base64'))", "true\n")]
    [InlineData("const h = c.createHash('sha1').update(all); const k = h.copy(); h.update('x'); k.update('y'); console.log(h.digest('hex') === c.createHash('sha1').update(Buffer.concat([all, Buffer.from('x')])).digest('hex'), k.digest('hex') === c.createHash('sha1').update(Buffer.concat([all, Buffer.from('y')])).digest('hex'))", "true true\n")]
    [InlineData("const h = c.createHash('sha1').update(all); h.digest(); for (const call of [() => h.update('x'), () => h.digest()]) try { call() } catch (e) { console.log(e.code) }", "ERR_CRYPTO_HASH_FINALIZED\nERR_CRYPTO_HASH_FINALIZED\n")]
    [InlineData("const h = c.createHash('sha256'); h.setEncoding('hex'); require('stream').Readable.from([0, 1, 2, 3].map(piece)).pipe(h).on('data', (d) => console.log(d === c.createHash('sha256').update(all).digest('hex')))", "true\n")]
    [InlineData("const some = Buffer.from([1, 200, 255]); const h = c.createHash('sha1').update(some); some[0] = 9; const k = h.copy(); console.log(h.digest('hex') === c.createHash('sha1').update(Buffer.from([1, 200, 255])).digest('hex'), k.update('x').digest('hex') === c.createHash('sha1').update(Buffer.from([1, 200, 255, 120])).digest('hex'))", "true true\n")]
    [InlineData("console.log(c.createHash('sha1').update(Buffer.from('h\u00e9llo')).digest('hex') === c.createHash('sha1').update('h\u00e9llo').digest('hex'), c.createHash('md5').update(Buffer.from('abc')).digest('base64'), c.createHash('md5').update('abc').digest().toString('hex'))", "true kAFQmDzST7DWlj99KOF/cg== 900150983cd24fb0d6963f7d28e17f72\n")]
    public async Task Pieces_MakeWhatTheWholeMakes(string script, string expected)
    {
        var (output, exit) = await _node.RunAsync(Begin + script);

        Assert.Equal((expected, new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task MoreThanTheHostTakes_StayInTheGuest()
    {
        var (output, exit) = await _node.RunAsync(
            "const c = require('crypto'); const text = Buffer.alloc(65537, 'x'); const all = []; for (let n = 0; n < 1030; n++) all.push(c.createHash('sha1').update(text)); console.log(new Set(all.map((h) => h.update('y').digest('hex'))).size);");

        Assert.Equal(("1\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task WhatTheGuestForgets_TheHostForgets()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const c = require('crypto');
            const text = Buffer.alloc(65537, 'x');
            let left = 3000;
            const some = () => { for (let n = 0; n < 500; n++) c.createHash('sha1').update(text); left -= 500; if (left > 0) setImmediate(some); else { c.createHash('sha1').update(text).copy(); console.log('done'); } };
            some();
            """,
            limits: new InstanceLimits { MemoryBytes = 48 << 20 });

        Assert.Equal(("done\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task TwoHundredMegabytes_AreHashedInLittleMemory()
    {
        var (output, exit) = await _node.RunAsync(
            "const h = require('crypto').createHash('sha256'); const piece = Buffer.alloc(1 << 20, 'a'); for (let n = 0; n < 200; n++) h.update(piece); console.log(h.digest('hex'));",
            limits: new InstanceLimits { MemoryBytes = 16 << 20 });

        Assert.Equal("50062bf0d2f6a20192d786e2ba041b4682779374aa8cb334f4a3adc4b6558ad1\n", output);
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }
}
