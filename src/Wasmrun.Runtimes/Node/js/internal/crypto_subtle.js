// The Web Cryptography API, on what the rest of crypto has. Most of it is done at once; only its answers come later.
'use strict';

const { host } = internal;
const { algorithmOf, bytesOf, adopt } = require('internal/crypto_bytes');
const { agree } = require('internal/crypto_agreement');
const { derived } = require('internal/crypto_derivation');
const { CryptoKey, fail, bufferOf, normalize, hashOf, hashName, keyOf, lengthOf, generate, take, give } = require('internal/crypto_web_keys');

const TAG_BYTES = 16;
const NOTHING = new Uint8Array(0);
const PSS = 6;
const OAEP = 4;
const HASH_BYTES = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };

// The bytes of a key that is for this algorithm and may be used so.
function keyFor(algorithm, key, usage) {
  const inner = keyOf(key);
  if (key.algorithm.name !== algorithm.name) throw fail('InvalidAccessError', `Key algorithm mismatch: it is for ${key.algorithm.name}`);
  if (!key.usages.includes(usage)) throw fail('InvalidAccessError', `Unable to use this key to ${usage}`);
  return inner._bytes;
}

function attempt(work) {
  try {
    return work();
  } catch (error) {
    const failed = fail('OperationError', 'The operation failed for an operation-specific reason');
    failed.cause = error;
    throw failed;
  }
}

// ---- signatures

// The hash, the padding and whether it is a curve's, for the host.
function signing(algorithm, key) {
  if (algorithm.name === 'ECDSA') return [hashName(hashOf(algorithm.hash)), 0];
  const { hash } = key.algorithm;
  if (algorithm.name === 'RSASSA-PKCS1-v1_5') return [hashName(hash), 0];
  if (algorithm.name !== 'RSA-PSS') throw fail('NotSupportedError', `${algorithm.name} signs nothing`);
  if (algorithm.saltLength !== HASH_BYTES[hash.name]) {
    throw fail('NotSupportedError', `RSA-PSS has salts as long as the hash in a wasmrun sandbox: ${HASH_BYTES[hash.name]} bytes with ${hash.name}`);
  }
  return [hashName(hash), PSS];
}

function sign(algorithm, key, data) {
  const bytes = keyFor(algorithm, key, 'sign');
  if (algorithm.name === 'HMAC') return host.hmac(hashName(key.algorithm.hash), bytes, data);
  const [hash, padding] = signing(algorithm, key);
  return attempt(() => host.keySign(bytes, hash, data, padding, true));
}

function verify(algorithm, key, signature, data) {
  const bytes = keyFor(algorithm, key, 'verify');
  if (algorithm.name === 'HMAC') {
    const expected = host.hmac(hashName(key.algorithm.hash), bytes, data);
    return expected.length === signature.length && host.equalInTime(expected, signature);
  }
  const [hash, padding] = signing(algorithm, key);
  return host.keyVerify(bytes, hash, data, padding, true, signature);
}

// ---- encryption

function crypt(isEncrypting, algorithm, key, data, usage = isEncrypting ? 'encrypt' : 'decrypt') {
  const bytes = keyFor(algorithm, key, usage);
  switch (algorithm.name) {
    case 'AES-CBC': return attempt(() => host.aesCbc(isEncrypting, bytes, vector(algorithm.iv, 'iv', 16), data, true));
    case 'AES-CTR': return counted(bytes, algorithm, data);
    case 'AES-GCM': return authenticated(isEncrypting, bytes, algorithm, data);
    case 'RSA-OAEP':
      if (algorithm.label !== undefined && algorithm.label.byteLength > 0) throw fail('NotSupportedError', 'RSA-OAEP has no labels in a wasmrun sandbox');
      return attempt(() => (isEncrypting ? host.keyEncrypt : host.keyDecrypt)(bytes, data, OAEP, hashName(key.algorithm.hash)));
    default: throw fail('NotSupportedError', `${algorithm.name} encrypts nothing`);
  }
}

function vector(value, name, size) {
  const bytes = bytesOf(value, `algorithm.${name}`);
  if (bytes.length !== size) throw fail('OperationError', `algorithm.${name} must contain exactly ${size} bytes`);
  return bytes;
}

function counted(key, { counter, length }, data) {
  const start = vector(counter, 'counter', 16);
  if (!(length >= 1 && length <= 128)) throw fail('OperationError', 'AES-CTR algorithm.length must be between 1 and 128');
  const most = 1n << BigInt(length);
  const first = BigInt('0x' + Buffer.from(start).toString('hex')) % most;
  if (first + BigInt(Math.ceil(data.length / 16)) > most) throw fail('NotSupportedError', 'an AES-CTR counter does not begin anew in a wasmrun sandbox');
  return host.aesCtr(key, start, data, 0);
}

function authenticated(isEncrypting, key, { iv, additionalData, tagLength = TAG_BYTES * 8 }, data) {
  if (tagLength !== TAG_BYTES * 8) throw fail('NotSupportedError', 'AES-GCM has tags of 128 bits in a wasmrun sandbox');
  const nonce = bytesOf(iv, 'algorithm.iv');
  if (nonce.length !== 12) throw fail('NotSupportedError', 'AES-GCM has vectors of 12 bytes in a wasmrun sandbox');
  const extra = additionalData === undefined ? NOTHING : bytesOf(additionalData, 'algorithm.additionalData');
  if (isEncrypting) return attempt(() => host.aesGcm(true, key, nonce, data, extra, NOTHING));
  const end = data.length - TAG_BYTES;
  if (end < 0) throw fail('OperationError', 'The provided data is too small');
  return attempt(() => host.aesGcm(false, key, nonce, data.subarray(0, end), extra, data.subarray(end)));
}

// ---- derivation

function deriveBits(algorithm, key, length, usage) {
  const bytes = keyFor(algorithm, key, usage);
  if (algorithm.name === 'ECDH') {
    const other = keyOf(algorithm.public);
    if (other.type !== 'public' || algorithm.public.algorithm.name !== 'ECDH') throw fail('InvalidAccessError', 'algorithm.public must be a public ECDH key');
    if (algorithm.public.algorithm.namedCurve !== key.algorithm.namedCurve) throw fail('InvalidAccessError', 'Named curve mismatch');
    return shortened(attempt(() => agree(keyOf(key), other)), length);
  }
  if (length === null || length === undefined || length % 8 !== 0) throw fail('OperationError', 'length must be a multiple of 8');
  const hash = hashName(hashOf(algorithm.hash));
  const salt = bytesOf(algorithm.salt, 'algorithm.salt');
  if (length === 0) return NOTHING;
  if (algorithm.name === 'HKDF') return attempt(() => host.hkdf(hash, bytes, salt, bytesOf(algorithm.info, 'algorithm.info'), length / 8));
  if (!(algorithm.iterations > 0)) throw fail('OperationError', 'iterations cannot be zero');
  return derived(host.pbkdf2Begin, bytes, salt, algorithm.iterations, length / 8, hash).catch((error) => attempt(() => { throw error; }));
}

function shortened(secret, bits) {
  if (bits === null || bits === undefined) return secret;
  const size = Math.ceil(bits / 8);
  if (size > secret.length) throw fail('OperationError', 'derived bit length is too small');
  const part = Buffer.from(secret.subarray(0, size));
  if (bits % 8 !== 0) part[size - 1] &= 0xff << (8 - (bits % 8));
  return part;
}

class SubtleCrypto {
  async digest(algorithm, data) {
    return bufferOf(host.hash(algorithmOf(hashOf(algorithm).name), bytesOf(data, 'data')));
  }
  async sign(algorithm, key, data) { return bufferOf(sign(normalize(algorithm), key, bytesOf(data, 'data'))); }
  async verify(algorithm, key, signature, data) { return verify(normalize(algorithm), key, bytesOf(signature, 'signature'), bytesOf(data, 'data')); }
  async encrypt(algorithm, key, data) { return bufferOf(crypt(true, normalize(algorithm), key, bytesOf(data, 'data'))); }
  async decrypt(algorithm, key, data) { return bufferOf(crypt(false, normalize(algorithm), key, bytesOf(data, 'data'))); }
  async deriveBits(algorithm, key, length = null) { return bufferOf(await deriveBits(normalize(algorithm), key, length, 'deriveBits')); }
  async deriveKey(algorithm, key, derived, extractable, usages) {
    const wanted = normalize(derived);
    const bits = await deriveBits(normalize(algorithm), key, lengthOf(wanted), 'deriveKey');
    return take('raw', bits, wanted, extractable, usages);
  }
  async generateKey(algorithm, extractable, usages) { return generate(normalize(algorithm), extractable, usages); }
  async importKey(format, data, algorithm, extractable, usages) { return take(format, data, normalize(algorithm), extractable, usages); }
  async exportKey(format, key) { return give(format, key); }
  async wrapKey(format, key, wrapping, algorithm) {
    const given = give(format, key);
    const bytes = format === 'jwk' ? Buffer.from(JSON.stringify(given)) : new Uint8Array(given);
    return bufferOf(crypt(true, normalize(algorithm), wrapping, bytes, 'wrapKey'));
  }
  async unwrapKey(format, wrapped, unwrapping, algorithm, inner, extractable, usages) {
    const bytes = adopt(crypt(false, normalize(algorithm), unwrapping, bytesOf(wrapped, 'wrappedKey'), 'unwrapKey'));
    return take(format, format === 'jwk' ? JSON.parse(bytes.toString()) : bytes, normalize(inner), extractable, usages);
  }
}

module.exports = { subtle: new SubtleCrypto(), SubtleCrypto, CryptoKey, keyOf };
