using System.Security.Cryptography;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Keys;
using Wasmrun.Runtimes.Node.Host;
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

    /// <summary>The host takes what is long in pieces of its own. The answers are those of OpenSSL.</summary>
    [Fact]
    public async Task LongBytes_AreHashedAndEncryptedAsAWhole()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const c = require('crypto'), assert = require('assert');
            const long = Buffer.alloc(5 * 1024 * 1024 + 3);
            for (let i = 0; i < long.length; i++) long[i] = i * 7 + (i >> 8);
            assert.equal(c.hash('sha512', long).slice(0, 32), '599b22ac0698aaf5da5f133812c03c2c');
            assert.equal(c.createHash('sha512').update(long).digest('hex').slice(0, 32), '599b22ac0698aaf5da5f133812c03c2c');
            assert.equal(c.createHmac('sha256', long).update(long).digest('hex').slice(0, 32), '957b6aa1a484f21c2f9e128296ea6bcd');
            const [key, iv] = [Buffer.from([...Array(32).keys()]), Buffer.from('fffffffffffffffffffffffffffffff0', 'hex')];
            for (const [mode, expected] of [['cbc', '1ca3b6871dd1350c6b4aacc761de2a83'], ['ctr', '6cea4d846bfa11e727a07955892b6d04']]) {
              const cipher = c.createCipheriv(`aes-256-${mode}`, key, iv);
              const secret = Buffer.concat([cipher.update(long), cipher.final()]);
              assert.equal(c.hash('sha256', secret).slice(0, 32), expected);
              const decipher = c.createDecipheriv(`aes-256-${mode}`, key, iv);
              const parts = [0, 1, 17, 65536, 65559, 4 << 20, secret.length].map((end, i, ends) => decipher.update(secret.subarray(ends[i - 1] ?? 0, end)));
              assert(Buffer.concat([...parts, decipher.final()]).equals(long));
            }
            const filled = c.randomFillSync(Buffer.alloc(5 << 20));
            assert(filled.subarray(4 << 20).some((byte) => byte !== 0)); assert(!filled.subarray(0, 1 << 20).equals(filled.subarray(4 << 20)));
            console.log('done');
            """);

        Assert.Equal(("done\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public void LongBytes_AreLeftWhenTheGuestIsToStop()
    {
        using var stop = new StopSignal();
        var (some, more) = (new byte[Pieces.Bytes], new byte[Pieces.Bytes + 1]);
        stop.Request();

        Assert.Equal(SHA256.HashData(some), Digests.Hash("sha256", some, stop));
        Assert.Throws<GuestStoppedException>(() => Digests.Hash("sha256", more, stop));
        Assert.Throws<GuestStoppedException>(() => Digests.Authenticate("sha256", some, more, stop));
        Assert.Throws<GuestStoppedException>(() => Digests.Authenticate("sha256", more, some, stop));
    }

    [Theory]
    [InlineData("const a = c.createCipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(16)); a._key = Buffer.alloc(5); a.final()", "ERR_CRYPTO_OPERATION_FAILED")]
    [InlineData("const a = c.createCipheriv('aes-128-gcm', Buffer.alloc(16), Buffer.alloc(12)); a._key = Buffer.alloc(5); a.final()", "ERR_CRYPTO_OPERATION_FAILED")]
    [InlineData("const a = c.createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)); a._iv = Buffer.alloc(5); a.update('x')", "ERR_CRYPTO_OPERATION_FAILED")]
    [InlineData("const a = c.createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)); a._used = -1; a.update('x')", "ERR_OUT_OF_RANGE")]
    public async Task Cipher_ThatWasChangedBeneath_Throws(string script, string code)
    {
        var (output, exit) = await _node.RunAsync($"const c = require('crypto'); try {{ {script} }} catch (e) {{ console.log(e.code) }}");

        Assert.Equal((code + "\n", new InstanceExit.Exited(0)), (output, exit));
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
