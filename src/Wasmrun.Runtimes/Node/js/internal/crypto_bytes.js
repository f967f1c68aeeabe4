// What the parts of crypto share: bytes in all the forms that they are given in, names of hashes, keys, and how answers are given.
'use strict';

const { coded, invalidArgType } = require('internal/errors');

const HASHES = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
const adopt = (bytes) => Object.setPrototypeOf(bytes, Buffer.prototype);

function bytesOf(value, name, encoding) {
  if (typeof value === 'string') return Buffer.from(value, encoding);
  if (value instanceof KeyObject) return value._bytes;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw invalidArgType(name, ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView', 'KeyObject'], value);
}

const known = new Map(HASHES.map((name) => [name, name]));

function algorithmOf(name) {
  let plain = known.get(name);
  if (plain === undefined) {
    plain = String(name).toLowerCase().replace(/^rsa-/, '').replace('-', '');
    if (!HASHES.includes(plain)) throw coded(Error, 'ERR_OSSL_EVP_UNSUPPORTED', 'Digest method not supported');
  }
  return plain;
}

const encoded = (bytes, encoding) => (encoding && encoding !== 'buffer' ? adopt(bytes).toString(encoding) : adopt(bytes));

class KeyObject {
  constructor(type, bytes) {
    this.type = type;
    Object.defineProperty(this, '_bytes', { value: bytes, enumerable: false });
  }
  static from(key) { return require('internal/crypto_subtle').keyOf(key); }
  equals(other) { return other instanceof KeyObject && this.type === other.type && this._bytes.equals(other._bytes); }
}

class SecretKey extends KeyObject {
  constructor(bytes) { super('secret', bytes); }
  get symmetricKeySize() { return this._bytes.length; }
  export(options) { return options && options.format === 'jwk' ? { kty: 'oct', k: this._bytes.toString('base64url') } : Buffer.from(this._bytes); }
}

// Done at once; with a callback, the answer comes later.
function answer(work, callback) {
  if (callback === undefined) return work();
  let result;
  try {
    result = work();
  } catch (error) {
    setImmediate(callback, error);
    return undefined;
  }
  setImmediate(callback, null, result);
  return undefined;
}

module.exports = { HASHES, KeyObject, SecretKey, adopt, bytesOf, algorithmOf, encoded, answer };
