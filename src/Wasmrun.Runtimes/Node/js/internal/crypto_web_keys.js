// The keys of the Web Cryptography API: made, taken in and given out. Each holds a key as the rest of crypto has them.
'use strict';

const { host } = internal;
const { DOMException } = require('internal/dom_exception');
const { SecretKey, KeyObject, algorithmOf, bytesOf, adopt } = require('internal/crypto_bytes');
const { createPrivateKey, createPublicKey, makeKeyPair } = require('internal/crypto_keys');
const { curveOf, pointOf, keyOfPoint } = require('internal/crypto_agreement');

const held = new WeakMap();
const CIPHER = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
const DERIVE = ['deriveKey', 'deriveBits'];

// What each algorithm's keys are made of, and may be used for.
const ALGORITHMS = {
  HMAC: { kind: 'secret', secret: ['sign', 'verify'] },
  'AES-CBC': { kind: 'secret', secret: CIPHER, jwk: 'CBC' },
  'AES-CTR': { kind: 'secret', secret: CIPHER, jwk: 'CTR' },
  'AES-GCM': { kind: 'secret', secret: CIPHER, jwk: 'GCM' },
  PBKDF2: { kind: 'base', secret: DERIVE },
  HKDF: { kind: 'base', secret: DERIVE },
  'RSASSA-PKCS1-v1_5': { kind: 'rsa', public: ['verify'], private: ['sign'], jwk: 'RS' },
  'RSA-PSS': { kind: 'rsa', public: ['verify'], private: ['sign'], jwk: 'PS' },
  'RSA-OAEP': { kind: 'rsa', public: ['encrypt', 'wrapKey'], private: ['decrypt', 'unwrapKey'], jwk: 'RSA-OAEP' },
  ECDSA: { kind: 'ec', public: ['verify'], private: ['sign'] },
  ECDH: { kind: 'ec', public: [], private: DERIVE },
};
const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

const fail = (name, message) => new DOMException(message, name);
const bufferOf = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);

class CryptoKey {
  constructor() { throw new TypeError('Illegal constructor'); }
  get type() { return held.get(this).key.type; }
  get extractable() { return held.get(this).extractable; }
  get algorithm() { return held.get(this).algorithm; }
  get usages() { return held.get(this).usages; }
  get [Symbol.toStringTag]() { return 'CryptoKey'; }
}

// What a key of the Web's is inside.
function keyOf(key) {
  const inner = held.get(key);
  if (inner === undefined) throw new TypeError('The key is not a CryptoKey');
  return inner.key;
}

function normalize(given) {
  const algorithm = typeof given === 'string' ? { name: given } : given;
  if (algorithm === null || typeof algorithm !== 'object' || algorithm.name === undefined) throw new TypeError('The algorithm must have a name');
  const wanted = String(algorithm.name).toUpperCase();
  const name = Object.keys(ALGORITHMS).find((each) => each.toUpperCase() === wanted);
  if (name === undefined) {
    throw fail('NotSupportedError', `${algorithm.name} is not available in a wasmrun sandbox: there are ${Object.keys(ALGORITHMS).join(', ')}, and the hashes ${HASHES.join(', ')}`);
  }
  return { ...algorithm, name };
}

function hashOf(given) {
  const name = String(given !== null && typeof given === 'object' ? given.name : given).toUpperCase();
  if (!HASHES.includes(name)) throw fail('NotSupportedError', `Unrecognized hash ${name}: there are ${HASHES.join(', ')}`);
  return { name };
}
const hashName = (hash) => algorithmOf(hash.name);

function wrap(key, algorithm, extractable, usages) {
  const allowed = ALGORITHMS[algorithm.name][key.type];
  const wrong = usages.find((usage) => !allowed.includes(usage));
  if (wrong !== undefined) throw fail('SyntaxError', `Unsupported key usage '${wrong}' for a ${key.type} ${algorithm.name} key`);
  if (usages.length === 0 && key.type !== 'public') throw fail('SyntaxError', 'Usages cannot be empty when creating a key.');
  const made = Object.create(CryptoKey.prototype);
  held.set(made, { key, algorithm, extractable: Boolean(extractable), usages: [...new Set(usages)] });
  return made;
}

// ---- keys of plain bytes

const blockBits = (hash) => (hash.name === 'SHA-384' || hash.name === 'SHA-512' ? 1024 : 512);

// How many bits a key of this algorithm has that is to be made; null for one of any length.
function lengthOf(algorithm) {
  if (ALGORITHMS[algorithm.name].kind === 'base') return null;
  if (algorithm.name === 'HMAC') {
    const length = algorithm.length === undefined ? blockBits(hashOf(algorithm.hash)) : algorithm.length;
    if (!(length > 0) || length % 8 !== 0) throw fail('OperationError', 'The length of an HMAC key must be a multiple of 8 above 0');
    return length;
  }
  if (![128, 192, 256].includes(algorithm.length)) throw fail('OperationError', 'AES key length must be 128, 192, or 256 bits');
  return algorithm.length;
}

function importSecret(format, data, algorithm, extractable, usages) {
  if (format === 'jwk' && data.kty !== 'oct') throw fail('DataError', 'Invalid JWK "kty" Parameter');
  if (format !== 'raw' && (format !== 'jwk' || ALGORITHMS[algorithm.name].kind === 'base')) throw fail('NotSupportedError', `Unable to import a ${algorithm.name} key in the format ${format}`);
  const bytes = format === 'jwk' ? Buffer.from(data.k, 'base64url') : Buffer.from(bytesOf(data, 'keyData'));
  const length = bytes.length * 8;
  const key = new SecretKey(bytes);
  if (ALGORITHMS[algorithm.name].kind === 'base') {
    if (extractable) throw fail('SyntaxError', `${algorithm.name} keys are not extractable`);
    return wrap(key, { name: algorithm.name }, false, usages);
  }
  if (algorithm.name === 'HMAC') {
    if (length === 0 || (algorithm.length !== undefined && algorithm.length !== length)) throw fail('DataError', 'Invalid key length');
    return wrap(key, { name: 'HMAC', hash: hashOf(algorithm.hash), length }, extractable, usages);
  }
  if (![128, 192, 256].includes(length)) throw fail('DataError', 'Invalid key length');
  return wrap(key, { name: algorithm.name, length }, extractable, usages);
}

// ---- keys of two halves

function read(create, options) {
  try {
    return create(options);
  } catch (error) {
    throw new DOMException('Invalid keyData', { name: 'DataError', cause: error });
  }
}

function importAsymmetric(format, data, algorithm, extractable, usages) {
  const { kind } = ALGORITHMS[algorithm.name];
  let key;
  if (format === 'spki') key = read(createPublicKey, { key: Buffer.from(bytesOf(data, 'keyData')), format: 'der', type: 'spki' });
  else if (format === 'pkcs8') key = read(createPrivateKey, { key: Buffer.from(bytesOf(data, 'keyData')), format: 'der', type: 'pkcs8' });
  else if (format === 'jwk') key = read(data.d === undefined ? createPublicKey : createPrivateKey, { key: data, format: 'jwk' });
  else if (format === 'raw' && kind === 'ec') key = read(() => keyOfPoint(curveOf(algorithm.namedCurve), bytesOf(data, 'keyData')));
  else throw fail('NotSupportedError', `Unable to import a ${algorithm.name} key in the format ${format}`);
  if (key.asymmetricKeyType !== kind) throw fail('DataError', 'Invalid key type');
  return wrap(key, describe(key, algorithm), extractable, usages);
}

function describe(key, algorithm) {
  if (key.asymmetricKeyType === 'ec') {
    const curve = curveOf(key._info.curve).jwk;
    if (curve !== algorithm.namedCurve) throw fail('DataError', 'Named curve mismatch');
    return { name: algorithm.name, namedCurve: curve };
  }
  const exponent = Buffer.from(key._info.e, 'base64url');
  return { name: algorithm.name, modulusLength: key._info.bits, publicExponent: new Uint8Array(exponent), hash: hashOf(algorithm.hash) };
}

async function generate(algorithm, extractable, usages) {
  const { kind } = ALGORITHMS[algorithm.name];
  if (kind === 'base') throw fail('NotSupportedError', `${algorithm.name} keys are imported`);
  if (kind === 'secret') {
    const bytes = adopt(host.randomBytes(lengthOf(algorithm) / 8));
    return importSecret('raw', bytes, algorithm, extractable, usages);
  }
  if (kind === 'rsa' && Buffer.from(algorithm.publicExponent).readUIntBE(0, algorithm.publicExponent.length) !== 65537) {
    throw fail('NotSupportedError', 'RSA keys have the public exponent 65537 in a wasmrun sandbox');
  }
  const named = kind === 'ec' ? read(() => curveOf(algorithm.namedCurve)).name : undefined;
  const pair = await makeKeyPair(kind, kind === 'ec' ? { namedCurve: named } : { modulusLength: algorithm.modulusLength });
  const may = (side) => usages.filter((usage) => ALGORITHMS[algorithm.name][side].includes(usage));
  const wrong = usages.find((usage) => !may('public').includes(usage) && !may('private').includes(usage));
  if (wrong !== undefined) throw fail('SyntaxError', `Unsupported key usage '${wrong}' for a ${algorithm.name} key`);
  return {
    publicKey: wrap(pair.publicKey, describe(pair.publicKey, algorithm), true, may('public')),
    privateKey: wrap(pair.privateKey, describe(pair.privateKey, algorithm), extractable, may('private')),
  };
}

const take = (format, data, algorithm, extractable, usages) =>
  (['secret', 'base'].includes(ALGORITHMS[algorithm.name].kind) ? importSecret : importAsymmetric)(format, data, algorithm, extractable, usages);

// ---- giving out

function jwkName(algorithm) {
  const { kind, jwk } = ALGORITHMS[algorithm.name];
  if (algorithm.name === 'HMAC') return 'HS' + algorithm.hash.name.slice(4);
  if (kind === 'secret') return `A${algorithm.length}${jwk}`;
  if (kind === 'ec') return undefined;
  const number = algorithm.hash.name.slice(4);
  return algorithm.name !== 'RSA-OAEP' ? jwk + number : number === '1' ? jwk : `${jwk}-${number}`;
}

function give(format, key) {
  const inner = keyOf(key);
  const { algorithm } = key;
  if (!key.extractable) throw fail('InvalidAccessError', 'key is not extractable');
  if (format === 'jwk') {
    const alg = jwkName(algorithm);
    return { ...inner.export({ format: 'jwk' }), ...(alg === undefined ? {} : { alg }), key_ops: [...key.usages], ext: true };
  }
  if (inner.type === 'secret' && format === 'raw') return bufferOf(inner.export());
  if (inner.type === 'public' && format === 'spki') return bufferOf(inner.export({ format: 'der', type: 'spki' }));
  if (inner.type === 'private' && format === 'pkcs8') return bufferOf(inner.export({ format: 'der', type: 'pkcs8' }));
  if (inner.type === 'public' && format === 'raw' && inner.asymmetricKeyType === 'ec') return bufferOf(pointOf(inner));
  throw fail('NotSupportedError', `Unable to export a ${inner.type} ${algorithm.name} key in the format ${format}`);
}

KeyObject.prototype.toCryptoKey = function (algorithm, extractable, usages) {
  const wanted = normalize(algorithm);
  if (this.type === 'secret') return importSecret('raw', this._bytes, wanted, extractable, usages);
  if (this.asymmetricKeyType !== ALGORITHMS[wanted.name].kind) throw fail('DataError', 'Invalid key type');
  return wrap(this, describe(this, wanted), extractable, usages);
};

module.exports = { CryptoKey, fail, bufferOf, normalize, hashOf, hashName, keyOf, lengthOf, generate, take, give };
