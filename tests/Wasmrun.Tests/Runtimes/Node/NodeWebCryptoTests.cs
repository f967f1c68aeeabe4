using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>The Web Cryptography API, and secrets that two sides agree on. The known answers are of FIPS 180, RFC 5869, RFC 6070 and RFC 2104's usual example.</summary>
public sealed class NodeWebCryptoTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Keys_AreMadeTakenInGivenOutAndUsed()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const c = require('crypto'), assert = require('assert');
            const { subtle } = globalThis.crypto;
            const hex = (b) => Buffer.from(b).toString('hex');
            const text = new TextEncoder().encode('some text');
            const fails = async (name, work) => { try { await work(); } catch (e) { assert.equal(e.name, name, e.message); return; } assert.fail('no ' + name); };
            (async () => {
              assert.equal(hex(await subtle.digest('SHA-256', new TextEncoder().encode('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
              const hmac = await subtle.importKey('raw', Buffer.from('key'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
              assert.equal(hex(await subtle.sign('HMAC', hmac, Buffer.from('The quick brown fox jumps over the lazy dog'))), 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8');
              assert(await subtle.verify('HMAC', hmac, await subtle.sign('HMAC', hmac, text), text)); assert(!await subtle.verify('HMAC', hmac, new Uint8Array(32), text));
              assert.deepEqual(await subtle.exportKey('jwk', hmac), { kty: 'oct', k: 'a2V5', alg: 'HS256', key_ops: ['sign', 'verify'], ext: true });
              assert.deepEqual([hmac.type, hmac.algorithm, hmac.usages], ['secret', { name: 'HMAC', hash: { name: 'SHA-256' }, length: 24 }, ['sign', 'verify']]);
              assert.equal((await subtle.generateKey({ name: 'HMAC', hash: 'SHA-512' }, true, ['sign'])).algorithm.length, 1024);

              for (const [name, algorithm] of [['AES-GCM', { iv: new Uint8Array(12), additionalData: text }], ['AES-CBC', { iv: new Uint8Array(16) }], ['AES-CTR', { counter: new Uint8Array(16), length: 64 }]]) {
                const key = await subtle.generateKey({ name, length: 256 }, true, ['encrypt', 'decrypt']);
                const secret = await subtle.encrypt({ name, ...algorithm }, key, text);
                assert.equal(hex(await subtle.decrypt({ name, ...algorithm }, key, secret)), hex(text));
                const again = await subtle.importKey('jwk', await subtle.exportKey('jwk', key), name, false, ['decrypt']);
                assert.equal(hex(await subtle.decrypt({ name, ...algorithm }, again, secret)), hex(text));
                await fails('InvalidAccessError', () => subtle.exportKey('raw', again)); await fails('InvalidAccessError', () => subtle.encrypt({ name, ...algorithm }, again, text));
                if (name === 'AES-GCM') await fails('OperationError', () => { new Uint8Array(secret)[0] ^= 1; return subtle.decrypt({ name, ...algorithm }, key, secret); });
              }

              const password = await subtle.importKey('raw', Buffer.from('password'), 'PBKDF2', false, ['deriveBits', 'deriveKey']);
              assert.equal(hex(await subtle.deriveBits({ name: 'PBKDF2', salt: Buffer.from('salt'), iterations: 4096, hash: 'SHA-1' }, password, 160)), '4b007901b765489abead49d926f721d065a429c1');
              const derived = await subtle.deriveKey({ name: 'PBKDF2', salt: text, iterations: 10, hash: 'SHA-256' }, password, { name: 'AES-GCM', length: 128 }, true, ['encrypt']);
              assert.equal((await subtle.exportKey('raw', derived)).byteLength, 16);
              const hkdf = await subtle.importKey('raw', Buffer.alloc(22, 0x0b), 'HKDF', false, ['deriveBits']);
              assert.equal(hex(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: Buffer.from('000102030405060708090a0b0c', 'hex'), info: Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex') }, hkdf, 336)), '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');

              for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
                const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify']);
                const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-384' }, pair.privateKey, text);
                const raw = await subtle.importKey('raw', await subtle.exportKey('raw', pair.publicKey), { name: 'ECDSA', namedCurve }, true, ['verify']);
                assert(await subtle.verify({ name: 'ECDSA', hash: 'SHA-384' }, raw, signature, text)); assert(!await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, raw, signature, text));
                const jwk = await subtle.exportKey('jwk', pair.privateKey); assert.equal(jwk.crv, namedCurve);
                const back = await subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve }, false, ['sign']);
                assert(await subtle.verify({ name: 'ECDSA', hash: 'SHA-1' }, pair.publicKey, await subtle.sign({ name: 'ECDSA', hash: 'SHA-1' }, back, text), text));
                const [a, b] = [await subtle.generateKey({ name: 'ECDH', namedCurve }, true, ['deriveBits', 'deriveKey']), await subtle.generateKey({ name: 'ECDH', namedCurve }, true, ['deriveBits', 'deriveKey'])];
                assert.equal(hex(await subtle.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, 256)), hex(await subtle.deriveBits({ name: 'ECDH', public: a.publicKey }, b.privateKey, 256)));
                const key = await subtle.deriveKey({ name: 'ECDH', public: b.publicKey }, a.privateKey, { name: 'AES-GCM', length: 256 }, true, ['encrypt']); assert.equal(key.algorithm.length, 256);
                await fails('DataError', () => subtle.importKey('spki', new Uint8Array(9), { name: 'ECDSA', namedCurve }, true, ['verify']));
              }

              for (const [name, usages] of [['RSASSA-PKCS1-v1_5', ['sign', 'verify']], ['RSA-PSS', ['sign', 'verify']], ['RSA-OAEP', ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']]]) {
                const algorithm = { name, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
                const pair = await subtle.generateKey(algorithm, true, usages);
                const jwk = await subtle.exportKey('jwk', pair.privateKey);
                const mine = await subtle.importKey('jwk', jwk, algorithm, true, pair.privateKey.usages);
                const theirs = await subtle.importKey('spki', await subtle.exportKey('spki', pair.publicKey), algorithm, true, pair.publicKey.usages);
                assert.equal(hex(await subtle.exportKey('pkcs8', mine)), hex(await subtle.exportKey('pkcs8', pair.privateKey)));
                assert.equal(jwk.alg, { 'RSASSA-PKCS1-v1_5': 'RS256', 'RSA-PSS': 'PS256', 'RSA-OAEP': 'RSA-OAEP-256' }[name]); assert.equal(theirs.algorithm.modulusLength, 2048);
                if (name !== 'RSA-OAEP') { assert(await subtle.verify({ name, saltLength: 32 }, theirs, await subtle.sign({ name, saltLength: 32 }, mine, text), text)); continue; }
                assert.equal(hex(await subtle.decrypt({ name }, mine, await subtle.encrypt({ name }, theirs, text))), hex(text));
                const wrapped = await subtle.wrapKey('raw', hmac, theirs, { name });
                assert.equal(hex(await subtle.exportKey('raw', await subtle.unwrapKey('raw', wrapped, mine, { name }, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']))), hex(Buffer.from('key')));
              }

              await fails('SyntaxError', () => subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, ['sign']));
              await fails('NotSupportedError', () => subtle.generateKey({ name: 'AES-XTS', length: 128 }, true, ['encrypt']));
              const object = c.KeyObject.from(hmac); assert.equal(object.type, 'secret'); assert.equal(object.export().toString(), 'key');
              assert(hmac instanceof CryptoKey); assert.equal(Object.prototype.toString.call(hmac), '[object CryptoKey]'); assert.equal(c.webcrypto.subtle, subtle);
              assert.throws(() => crypto.getRandomValues(new Uint8Array(65537)), { name: 'QuotaExceededError' });

              for (const curve of ['prime256v1', 'secp384r1', 'secp521r1']) {
                const [a, b] = [c.createECDH(curve), c.createECDH(curve)]; a.generateKeys(); const shown = b.generateKeys('hex');
                assert.equal(a.computeSecret(shown, 'hex', 'hex'), b.computeSecret(a.getPublicKey()).toString('hex'));
                const again = c.createECDH(curve); again.setPrivateKey(a.getPrivateKey('base64'), 'base64'); assert.equal(again.getPublicKey('hex'), a.getPublicKey('hex'));
                assert.throws(() => a.computeSecret(Buffer.alloc(65, 4)), { code: 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY' });
                const [x, y] = [c.generateKeyPairSync('ec', { namedCurve: curve }), c.generateKeyPairSync('ec', { namedCurve: curve })];
                assert.equal(c.diffieHellman({ privateKey: x.privateKey, publicKey: y.publicKey }).toString('hex'), c.diffieHellman({ privateKey: y.privateKey, publicKey: x.publicKey }).toString('hex'));
              }
              assert.equal(c.randomBytes(100000).length, 100000);
              console.log('done');
            })();
            """);
        Assert.Equal(("done\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Theory]
    [InlineData("crypto.subtle.importKey('raw', new Uint8Array(32), 'Ed25519', true, ['verify'])", "Ed25519 is not available in a wasmrun sandbox: there are HMAC, AES-CBC")]
    [InlineData("crypto.subtle.digest('SHA3-256', new Uint8Array(1))", "Unrecognized hash SHA3-256: there are SHA-1")]
    [InlineData("require('crypto').createECDH('secp256k1')", "there are prime256v1 (P-256)")]
    [InlineData("require('crypto').generateKeyPairSync('rsa', { modulusLength: 16384 })", "at most 4096")]
    [InlineData("require('crypto').scryptSync('a', 'b', 64, { N: 2 ** 20, r: 64, maxmem: 2 ** 40 })", "more memory than a wasmrun sandbox gives")]
    public async Task WhatIsNotThere_IsRefusedByName(string call, string reason)
    {
        var (output, _) = await _node.RunAsync($"(async () => {call})().catch((e) => console.log(e.message))");
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }
}
