using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Public-key cryptography of Node.js programs.</summary>
public sealed class NodeKeyTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    /// <summary>None of them waits for the key: that would be seconds.</summary>
    [Theory]
    [InlineData("c.generateKeyPair('rsa', { modulusLength: 4096 }, () => {});")]
    [InlineData("require('util').promisify(c.generateKeyPair)('rsa', { modulusLength: 4096 });")]
    [InlineData("crypto.subtle.generateKey({ name: 'RSA-PSS', modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, true, ['sign', 'verify']);")]
    public async Task Server_AnswersWhileAKeyIsMade(string making)
    {
        // Several keys at a time, so that it takes longer than the answers.
        var (output, exit) = await _node.RunAsync(
            $$"""
            const c = require('crypto'), http = require('http');
            const server = http.createServer((q, r) => r.end('answered')).listen(0, async () => {
              for (let n = 0; n < 50; n++) {{making}}
              for (let n = 0; n < 3; n++) console.log(await (await fetch(`http://localhost:${server.address().port}/`)).text());
              process.exit(0);
            });
            """);
        Assert.Equal(("answered\nanswered\nanswered\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task KeysWithACallback_AreThoseThatAreAskedFor()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const c = require('crypto'), assert = require('assert'), make = require('util').promisify(c.generateKeyPair);
            c.generateKeyPair('rsa', { modulusLength: 1024, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } }, async (error, publicKey, privateKey) => {
              assert.equal(error, null);
              assert(c.verify('sha256', Buffer.from('x'), publicKey, c.sign('sha256', Buffer.from('x'), privateKey)));
              const pairs = await Promise.all([make('rsa', { modulusLength: 1024 }), make('ec', { namedCurve: 'P-256' }), make('rsa', { modulusLength: 1280 })]);
              assert.deepEqual(pairs.map((pair) => pair.privateKey.asymmetricKeyDetails.modulusLength), [1024, undefined, 1280]);
              await assert.rejects(make('rsa', { modulusLength: 16384 }), { code: 'ERR_OUT_OF_RANGE' });
              await assert.rejects(make('rsa', { modulusLength: 3 }));
              await assert.rejects(make('dsa', {}));
              assert.throws(() => c.generateKeyPair('rsa', { modulusLength: 1024 }), { code: 'ERR_INVALID_ARG_TYPE' });
              console.log('done');
            });
            """,
            limits: new InstanceLimits { Cpus = 0.9 });
        Assert.Equal(("done\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Theory]
    [InlineData("c.generateKeyPairSync('rsa', { modulusLength: 4096 })")]
    [InlineData("c.generateKeyPair('rsa', { modulusLength: 4096 }, () => {})")]
    public async Task Guest_IsStoppedWhileAKeyIsMade(string making)
    {
        _node.Folder.Write("main.js", $"const c = require('crypto');\nconsole.log('up');\nfor (let n = 0; n < 1000; n++) {making};\nsetInterval(() => {{}}, 1000);");
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("up");
        instance.Stop();
        Assert.IsType<InstanceExit.Stopped>(await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Keys_AreMadeReadWrittenAndUsedAsInNode()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const c = require('crypto'), assert = require('assert');
            for (const [kind, options, hash] of [['rsa', { modulusLength: 2048 }, 'RSA-SHA256'], ['ec', { namedCurve: 'prime256v1' }, 'SHA256'], ['ec', { namedCurve: 'secp521r1' }, 'sha512']]) {
              const pair = c.generateKeyPairSync(kind, { ...options, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
              assert(pair.publicKey.startsWith('-----BEGIN PUBLIC KEY-----\n') && pair.privateKey.endsWith('-----END PRIVATE KEY-----\n'));
              const signature = c.createSign(hash).update('te').update('xt').sign(pair.privateKey, 'base64');
              assert(c.createVerify(hash).update('text').verify(pair.publicKey, signature, 'base64')); assert(!c.createVerify(hash).update('texts').verify(pair.publicKey, signature, 'base64'));
              const priv = c.createPrivateKey(pair.privateKey), pub = c.createPublicKey(priv);
              assert.equal(pub.export({ type: 'spki', format: 'pem' }), pair.publicKey); assert.equal(priv.asymmetricKeyType, kind); assert(pub.equals(c.createPublicKey(pair.publicKey)));
              const again = c.createPublicKey({ key: pub.export({ format: 'jwk' }), format: 'jwk' }); assert(again.equals(pub)); assert(c.createPrivateKey({ key: priv.export({ format: 'jwk' }), format: 'jwk' }).equals(priv));
              const one = c.sign(hash, Buffer.from('x'), { key: priv, dsaEncoding: 'ieee-p1363' }); assert(c.verify(hash, Buffer.from('x'), { key: pub, dsaEncoding: 'ieee-p1363' }, one));
              assert.throws(() => c.createPrivateKey(pair.publicKey)); assert.equal(pub.type, 'public');
              if (kind === 'ec') { assert.equal(pub.asymmetricKeyDetails.namedCurve, options.namedCurve); assert(c.createPrivateKey(priv.export({ type: 'sec1', format: 'pem' })).equals(priv)); continue; }
              assert.equal(pub.asymmetricKeyDetails.modulusLength, 2048); assert.equal(pub.asymmetricKeyDetails.publicExponent, 65537n);
              assert(c.createPrivateKey(priv.export({ type: 'pkcs1', format: 'pem' })).equals(priv));
              assert.equal(c.privateDecrypt(priv, c.publicEncrypt(pub, Buffer.from('secret'))).toString(), 'secret');
              const pss = { key: priv, padding: c.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }; assert(c.verify('sha256', Buffer.from('x'), { ...pss, key: pub }, c.sign('sha256', Buffer.from('x'), pss)));
            }
            assert.throws(() => c.createPublicKey('nonsense')); assert.throws(() => c.createPrivateKey({ key: Buffer.alloc(5), format: 'der', type: 'pkcs8' }));
            console.log('signed');
            """);
        Assert.Equal(("signed\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Theory]
    [InlineData("crypto.generateKeyPairSync('ed25519')", "RSA and of the curves")]
    [InlineData("crypto.createDiffieHellman(512)", "RSA and ECDSA for signatures, and ECDH")]
    public async Task Key_OfAnotherKindIsRefusedWithTheReason(string call, string reason)
    {
        var (output, _) = await _node.RunAsync($"const crypto = require('crypto'); try {{ {call} }} catch (e) {{ console.log(e.message) }}");
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }
}
