using System.Security.Cryptography;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Keys;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Keys from passwords: that they are the right ones, hold nobody up, and never keep a guest from being stopped. The known answers are of RFC 7914 and RFC 6070.</summary>
public sealed class NodeDerivationTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Keys_AreThoseOfTheStandards()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const c = require('crypto'), assert = require('assert'), { promisify } = require('util');
            const scrypt = promisify(c.scrypt), pbkdf2 = promisify(c.pbkdf2);
            const starts = (key, expected, size) => { assert.equal(key.toString('hex', 0, 8), expected); assert.equal(key.length, size); assert(Buffer.isBuffer(key)); };
            (async () => {
              for (const [password, salt, options, expected] of [
                ['', '', { N: 16, r: 1, p: 1 }, '77d6576238657b20'],
                ['password', 'NaCl', { cost: 1024, blockSize: 8, parallelization: 16 }, 'fdbabe1c9d347200'],
                ['pleaseletmein', 'SodiumChloride', undefined, '7023bdcb3afd7348'],
                ['pleaseletmein', 'SodiumChloride', { N: 16384 }, '7023bdcb3afd7348'],
              ]) {
                starts(c.scryptSync(password, salt, 64, options), expected, 64);
                starts(await scrypt(password, salt, 64, options ?? {}), expected, 64);
              }
              for (const [password, salt, rounds, expected, size] of [
                ['password', 'salt', 1, '0c60c80f961f0e71', 20],
                ['password', 'salt', 4096, '4b007901b765489a', 20],
                ['passwordPASSWORDpassword', 'saltSALTsaltSALTsaltSALTsaltSALTsalt', 4096, '3d2eec4fe41c849b', 25],
              ]) {
                starts(c.pbkdf2Sync(password, salt, rounds, size, 'sha1'), expected, size);
                starts(await pbkdf2(password, salt, rounds, size, 'sha1'), expected, size);
              }
              // The way for many rounds is another one than that for few.
              for (const digest of ['md5', 'sha1', 'sha256', 'sha384', 'sha512']) {
                const [long, short] = [c.pbkdf2Sync('p', 's', 400, 9001, digest), c.pbkdf2Sync('p', 's', 400, 130, digest)];
                assert.equal(long.toString('hex', 0, 130), short.toString('hex'));
                assert.equal((await pbkdf2('p', 's', 400, 130, digest)).toString('hex'), short.toString('hex'));
              }
              assert.equal(c.pbkdf2Sync('p', 's', 1, 0, 'sha1').length, 0); assert.equal((await scrypt('p', 's', 0)).length, 0);
              const changed = Buffer.from('password'), later = pbkdf2(changed, 'salt', 4096, 20, 'sha1');
              changed.fill(0);
              starts(await later, '4b007901b765489a', 20);
              for (const rounds of [0, -1, 1.5, 2 ** 31]) assert.throws(() => c.pbkdf2(changed, 's', rounds, 1, 'sha1', () => {}), { code: 'ERR_OUT_OF_RANGE' });
              assert.throws(() => c.pbkdf2Sync('p', 's', 'many', 1, 'sha1'), { code: 'ERR_INVALID_ARG_TYPE' });
              assert.throws(() => c.pbkdf2('p', 's', 1, 1, 'sha1'), { code: 'ERR_INVALID_ARG_TYPE' });
              assert.throws(() => c.scryptSync('p', 's', 1, { N: 16384, r: -8 }), { code: 'ERR_OUT_OF_RANGE' });
              assert.throws(() => c.scryptSync('p', 's', 1, { N: 1000 }), { code: 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS' });
              assert.throws(() => c.scryptSync('p', 's', 1, { N: 65536 }), { code: 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS' });
              console.log('done');
            })();
            """);
        Assert.Equal(("done\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Theory]
    [InlineData("c.pbkdf2('p', 's', 1e9, 32, 'sha512', () => {});")]
    [InlineData("c.scrypt('p', 's', 32, { N: 2 ** 16, r: 8, p: 8192, maxmem: 2 ** 40 }, () => {});")]
    [InlineData("(async () => crypto.subtle.deriveBits({ name: 'PBKDF2', salt: new Uint8Array(9), iterations: 1e9, hash: 'SHA-256' }, await crypto.subtle.importKey('raw', Buffer.from('p'), 'PBKDF2', false, ['deriveBits']), 256))();")]
    public async Task Server_AnswersWhileAKeyIsDerived(string derivation)
    {
        var (output, exit) = await _node.RunAsync(
            $$"""
            const c = require('crypto'), http = require('http');
            const server = http.createServer((q, r) => r.end('answered')).listen(0, async () => {
              {{derivation}}
              for (let n = 0; n < 3; n++) console.log(await (await fetch(`http://localhost:${server.address().port}/`)).text());
              process.exit(0);
            });
            """);
        Assert.Equal(("answered\nanswered\nanswered\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Callbacks_KeepTheirOrderAndTheirContext()
    {
        var (output, _) = await _node.RunAsync(
            """
            const c = require('crypto'), { AsyncLocalStorage } = require('async_hooks'), store = new AsyncLocalStorage();
            const tell = (error, key) => console.log(store.getStore(), error ? error.code : key.length);
            store.run('first', () => c.pbkdf2('p', 's', 10000, 1, 'sha512', tell));
            store.run('second', () => c.scrypt('p', 's', 2, { N: 2 ** 20, r: 64, maxmem: 2 ** 40 }, tell));
            store.run('third', () => c.scrypt('p', 's', 3, tell));
            store.run('fourth', () => c.pbkdf2('p', 's', 1, 4, 'md5', (error, key) => { tell(error, key); throw new Error('thrown'); }));
            process.on('uncaughtException', (e) => console.log('uncaught', e.message));
            """);
        Assert.Equal("first 1\nsecond ERR_OUT_OF_RANGE\nthird 3\nfourth 4\nuncaught thrown\n", output);
    }

    [Fact]
    public async Task Hkdf_TakesAsMuchInfoAsInNode()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const c = require('crypto'), assert = require('assert');
            // RFC 5869, A.3.
            assert.equal(Buffer.from(c.hkdfSync('sha256', Buffer.alloc(22, 0x0b), '', '', 42)).toString('hex', 0, 8), '8da4e775a563c18f');
            assert.equal(c.hkdfSync('sha256', 'key', 'salt', Buffer.alloc(1024), 8160).byteLength, 8160);
            assert.throws(() => c.hkdfSync('sha256', 'key', 'salt', Buffer.alloc(1025), 1), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
            assert.throws(() => c.hkdfSync('sha256', 'key', 'salt', '', 8161));
            (async () => {
              const key = await crypto.subtle.importKey('raw', Buffer.from('key'), 'HKDF', false, ['deriveBits']);
              const derive = (info) => crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(1), info }, key, 8);
              assert.equal((await derive(new Uint8Array(1024))).byteLength, 1);
              await assert.rejects(derive(new Uint8Array(1025)));
              console.log('done');
            })();
            """);
        Assert.Equal(("done\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Theory]
    [InlineData(3, 20_000, 1, 300)]
    [InlineData(20_000, 3, 100, 50)]
    [InlineData(20_000, 20_000, 2000, 130)]
    public void LongPasswordsAndSalts_MakeTheKeyOfTheStandard(int passwordBytes, int saltBytes, int rounds, int length)
    {
        using var stop = new StopSignal();
        var (password, salt) = (RandomNumberGenerator.GetBytes(passwordBytes), RandomNumberGenerator.GetBytes(saltBytes));

        Assert.Equal(Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA256, length), Pbkdf2.Derive(HashAlgorithmName.SHA256, password, salt, rounds, length, stop));
    }

    /// <summary>The salt is hashed anew for each block of the key, however few the rounds.</summary>
    [Theory]
    [InlineData(1, 1 << 16, 1, 1 << 11)]
    [InlineData(1 << 16, 1, 1, 20)]
    [InlineData(1, 1, 1 << 17, 20)]
    public void WhatTakesLong_IsLeftWhenTheGuestIsToStop(int passwordBytes, int saltBytes, int rounds, int length)
    {
        using var stop = new StopSignal();
        stop.Request();

        Assert.Throws<GuestStoppedException>(() => Pbkdf2.Derive(HashAlgorithmName.SHA1, new byte[passwordBytes], new byte[saltBytes], rounds, length, stop));
    }

    [Theory]
    [InlineData("c.pbkdf2Sync('p', 's', 2 ** 31 - 1, 64, 'sha512')")]
    [InlineData("c.pbkdf2Sync('p', Buffer.alloc(1e8), 1, 1e6, 'sha512')")]
    [InlineData("c.scryptSync('p', 's', 64, { N: 2 ** 16, r: 8, p: 2 ** 17, maxmem: 2 ** 40 })")]
    [InlineData("c.scryptSync('p', 's', 1e6, { N: 2, r: 2 ** 16, p: 30, maxmem: 2 ** 40 })")]
    [InlineData("c.pbkdf2('p', 's', 2 ** 31 - 1, 64, 'sha512', () => {}); setInterval(() => {}, 1000)")]
    [InlineData("c.scrypt('p', 's', 64, { N: 2 ** 16, r: 8, p: 2 ** 17, maxmem: 2 ** 40 }, () => {})")]
    public async Task Guest_IsStoppedWhileAKeyIsDerived(string derivation)
    {
        _node.Folder.Write("main.js", $"const c = require('crypto');\nconsole.log('up');\n{derivation};\nconsole.log('derived');");
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("up");
        instance.Stop();
        var exit = await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        Assert.IsType<InstanceExit.Stopped>(exit);
    }
}
