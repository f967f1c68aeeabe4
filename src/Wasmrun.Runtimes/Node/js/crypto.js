'use strict';

const { host } = internal;
const { Transform } = require('stream');
const { coded, invalidArgType, refused, outOfRange } = require('internal/errors');
const { HASHES, KeyObject, SecretKey, adopt, bytesOf, algorithmOf, encoded, answer } = require('internal/crypto_bytes');
const keys = require('internal/crypto_keys');
const agreement = require('internal/crypto_agreement');
const derivation = require('internal/crypto_derivation');

const PLAIN = new Set([undefined, 'utf8', 'utf-8']);
const FILLED = 4096;
const SHOWN = { hex: 0, base64: 1, base64url: 2 };

// What is longer the host takes piece by piece.
const HELD = 65536;
let forgotten = null;

// As much of bytes is kept as a text, which costs less than an array of them.
const SHORT = 4096;
const UTF8 = 0;
const LATIN1 = 1;

// A stream only for who uses it as one: most hashes are made of one text, and many of them per second.
function Digest(options) {
  if (options !== undefined) this._options = options;
}
Object.setPrototypeOf(Digest.prototype, Transform.prototype);
Object.setPrototypeOf(Digest, Transform);
for (const name of ['_readableState', '_writableState']) {
  Object.defineProperty(Digest.prototype, name, {
    configurable: true,
    get() {
      if (this._isStream) return undefined;
      this._isStream = true;
      Transform.call(this, this._options);
      return this[name];
    },
    set(value) { Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: false }); },
  });
}
const NONE = Object.freeze([]);

Object.assign(Digest.prototype, {
  _options: undefined, _number: 0, _held: 0, _text: null, _coding: UTF8, _chunks: NONE, _done: false, _isStream: false, _algorithm: undefined,
  update(value, encoding) {
    if (this._done) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    if (this._text === null && this._number === 0 && this._chunks === NONE) {
      if (typeof value === 'string') {
        if (PLAIN.has(encoding)) {
          this._text = value;
          return this;
        }
      } else if (value instanceof Uint8Array && value.length <= SHORT) {
        this._text = host.decode(value, LATIN1);
        this._coding = LATIN1;
        return this;
      }
    }
    this._takeText();
    const bytes = bytesOf(value, 'data', encoding);
    if (this._number === 0 && this._held >= 0 && bytes.length > HELD) this._hand(this._open());
    if (this._number !== 0) {
      host.digestUpdate(this._number, bytes);
      return this;
    }
    this._add(typeof value === 'string' ? bytes : Buffer.from(bytes));
    this._held += bytes.length;
    if (this._held > HELD) this._hand(this._open());
    return this;
  },
  _add(bytes) {
    if (this._chunks === NONE) this._chunks = [bytes];
    else this._chunks.push(bytes);
  },
  // From here on the host has it; with no number it has no room, and all of it stays here.
  _hand(number) {
    if (number === 0) {
      this._held = -Infinity;
      return;
    }
    if (forgotten === null) forgotten = new FinalizationRegistry((left) => host.digestClose(left));
    forgotten.register(this, number);
    this._number = number;
    for (const chunk of this._chunks) host.digestUpdate(number, chunk);
    this._chunks = NONE;
  },
  digest(encoding) {
    if (this._done) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    this._done = true;
    if (this._number !== 0) return encoded(host.digestEnd(this._number), encoding);
    const shown = this._text === null || this._algorithm === undefined ? undefined : SHOWN[encoding];
    if (shown !== undefined) return host.hashText(this._algorithm, this._text, shown, this._coding);
    this._takeText();
    return encoded(this._finish(this._chunks.length === 1 ? this._chunks[0] : Buffer.concat(this._chunks)), encoding);
  },
  // One text, hashed and shown as text, never becomes bytes in between.
  _takeText() {
    if (this._text === null) return;
    this._add(Buffer.from(this._text, this._coding === LATIN1 ? 'latin1' : 'utf8'));
    this._text = null;
  },
  _transform(chunk, encoding, done) {
    this.update(chunk, encoding);
    done();
  },
  _flush(done) {
    this.push(this.digest());
    done();
  },
});

function Hash(name, options) {
  this._algorithm = algorithmOf(name);
  if (options !== undefined) this._options = options;
}
Object.setPrototypeOf(Hash.prototype, Digest.prototype);
Object.setPrototypeOf(Hash, Digest);
Object.assign(Hash.prototype, {
  _finish(bytes) { return host.hash(this._algorithm, bytes); },
  _open() { return host.digestOpen(this._algorithm); },
  copy() {
    const copy = new Hash(this._algorithm);
    copy._chunks = this._chunks.length === 0 ? NONE : this._chunks.slice();
    copy._held = this._held;
    copy._text = this._text;
    copy._coding = this._coding;
    if (this._number !== 0) copy._hand(host.digestCopy(this._number));
    return copy;
  },
});

class Hmac extends Digest {
  constructor(name, key, options) {
    super(options);
    this._name = algorithmOf(name);
    this._secret = Buffer.from(bytesOf(key, 'key', 'utf8'));
  }
  _finish(bytes) { return host.hmac(this._name, this._secret, bytes); }
  _open() { return host.digestOpen(this._name, this._secret); }
}

function randomBytes(size, callback) {
  if (typeof size !== 'number') throw invalidArgType('size', 'number', size);
  if (!(size >= 0 && size <= 2147483647)) throw outOfRange('size', '>= 0 && <= 2147483647', size);
  return answer(() => (size > FILLED ? randomFillSync(Buffer.alloc(size)) : adopt(host.randomBytes(size))), callback);
}

function randomFillSync(buffer, offset = 0, size = buffer.byteLength - offset) {
  const isBuffer = buffer instanceof ArrayBuffer;
  host.randomFill(new Uint8Array(isBuffer ? buffer : buffer.buffer, (isBuffer ? 0 : buffer.byteOffset) + offset, size));
  return buffer;
}

function getRandomValues(array) {
  if (!ArrayBuffer.isView(array) || array instanceof DataView || array instanceof Float32Array || array instanceof Float64Array) {
    throw new (require('internal/dom_exception').DOMException)('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
  }
  if (array.byteLength > 65536) throw new (require('internal/dom_exception').DOMException)('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
  return randomFillSync(array);
}

function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') [min, max, callback] = [0, min, max];
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) throw invalidArgType('max', 'a safe integer', max);
  const range = max - min;
  if (!(range > 0 && range <= 2 ** 48)) throw outOfRange('max', `greater than the value of "min" (${min})`, max);
  const limit = 2 ** 48 - (2 ** 48 % range);
  let number;
  do number = adopt(host.randomBytes(6)).readUIntBE(0, 6); while (number >= limit);
  if (callback === undefined) return min + (number % range);
  setImmediate(callback, null, min + (number % range));
  return undefined;
}

function randomUUID() {
  const bytes = adopt(host.randomBytes(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function timingSafeEqual(a, b) {
  const [first, second] = [bytesOf(a, 'buf1'), bytesOf(b, 'buf2')];
  if (first.length !== second.length) throw coded(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length');
  return host.equalInTime(first, second);
}

class Cipher extends Transform {
  constructor(name, key, iv, isEncrypting, options) {
    super(options);
    const match = /^(?:id-)?aes-?(128|192|256)-(cbc|ctr|gcm)$/i.exec(name);
    if (match === null) throw coded(Error, 'ERR_CRYPTO_UNKNOWN_CIPHER', `Unknown cipher: ${name} (there are aes-128, aes-192 and aes-256 with cbc, ctr and gcm)`);
    this._mode = match[2].toLowerCase();
    this._key = Buffer.from(bytesOf(key, 'key'));
    this._iv = Buffer.from(bytesOf(iv, 'iv'));
    if (this._key.length !== match[1] / 8) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
    if (this._iv.length !== (this._mode === 'gcm' ? 12 : 16)) throw coded(TypeError, 'ERR_CRYPTO_INVALID_IV', 'Invalid initialization vector');
    this._isEncrypting = isEncrypting;
    this._chunks = [];
    this._used = 0;
    this._padding = true;
    this._aad = Buffer.alloc(0);
    this._tag = Buffer.alloc(0);
  }
  update(value, inputEncoding, outputEncoding) {
    const bytes = bytesOf(value, 'data', inputEncoding);
    if (this._mode === 'ctr') {
      const result = host.aesCtr(this._key, this._iv, bytes, this._used);
      this._used += bytes.length;
      return encoded(result, outputEncoding);
    }
    this._chunks.push(Buffer.from(bytes));
    return encoded(new Uint8Array(0), outputEncoding);
  }
  final(outputEncoding) {
    const bytes = Buffer.concat(this._chunks);
    this._chunks = [];
    if (this._mode === 'ctr') return encoded(new Uint8Array(0), outputEncoding);
    if (this._mode === 'cbc') return encoded(host.aesCbc(this._isEncrypting, this._key, this._iv, bytes, this._padding), outputEncoding);
    const result = adopt(host.aesGcm(this._isEncrypting, this._key, this._iv, bytes, this._aad, this._tag));
    if (!this._isEncrypting) return encoded(result, outputEncoding);
    this._tag = Buffer.from(result.subarray(result.length - 16));
    return encoded(Buffer.from(result.subarray(0, result.length - 16)), outputEncoding);
  }
  setAutoPadding(wanted = true) {
    this._padding = wanted;
    return this;
  }
  setAAD(bytes) {
    this._aad = Buffer.from(bytesOf(bytes, 'buffer'));
    return this;
  }
  getAuthTag() { return this._tag; }
  setAuthTag(tag, encoding) {
    this._tag = Buffer.from(bytesOf(tag, 'tag', encoding));
    return this;
  }
  _transform(chunk, encoding, done) {
    done(null, this.update(chunk, encoding));
  }
  _flush(done) {
    try {
      done(null, this.final());
    } catch (error) {
      done(error);
    }
  }
}

const noKeys = (what) => () => { throw refused(`crypto.${what}`, 'there are hashes, HMAC, key derivation, AES, random numbers, RSA and ECDSA for signatures, and ECDH'); };

const webcrypto = {
  get subtle() { return require('internal/crypto_subtle').subtle; },
  get CryptoKey() { return require('internal/crypto_subtle').CryptoKey; },
  randomUUID, getRandomValues,
};

module.exports = {
  Hash, Hmac, KeyObject, randomBytes, randomFillSync, randomInt, randomUUID, timingSafeEqual, constants: keys.constants,
  createHash: (name, options) => new Hash(name, options),
  createHmac: (name, key, options) => new Hmac(name, key, options),
  hash: (name, data, encoding = 'hex') => encoded(host.hash(algorithmOf(name), bytesOf(data, 'data', 'utf8')), encoding),
  createCipheriv: (name, key, iv, options) => new Cipher(name, key, iv, true, options),
  createDecipheriv: (name, key, iv, options) => new Cipher(name, key, iv, false, options),
  createSecretKey: (key, encoding) => new SecretKey(Buffer.from(bytesOf(key, 'key', encoding))),
  getHashes: () => [...HASHES],
  getCiphers: () => [128, 192, 256].flatMap((size) => ['cbc', 'ctr', 'gcm'].map((mode) => `aes-${size}-${mode}`)),
  getCurves: () => ['prime256v1', 'secp384r1', 'secp521r1'],
  getRandomValues,
  pseudoRandomBytes: randomBytes, prng: randomBytes, rng: randomBytes,
  randomFill(buffer, ...rest) {
    const callback = rest.pop();
    answer(() => randomFillSync(buffer, ...rest), callback);
  },
  pbkdf2: derivation.pbkdf2, scrypt: derivation.scrypt, hkdf: derivation.hkdf,
  pbkdf2Sync: derivation.pbkdf2Sync, scryptSync: derivation.scryptSync, hkdfSync: derivation.hkdfSync,
  generateKeyPair: keys.generateKeyPair, generateKeyPairSync: keys.generateKeyPairSync, Sign: keys.Sign, Verify: keys.Verify,
  createSign: keys.createSign, createVerify: keys.createVerify, sign: keys.sign, verify: keys.verify, createPublicKey: keys.createPublicKey,
  createPrivateKey: keys.createPrivateKey, publicEncrypt: keys.publicEncrypt, privateDecrypt: keys.privateDecrypt,
  privateEncrypt: noKeys('privateEncrypt'), publicDecrypt: noKeys('publicDecrypt'), diffieHellman: agreement.diffieHellman,
  createECDH: agreement.createECDH, ECDH: agreement.ECDH, createDiffieHellman: noKeys('createDiffieHellman'),
  webcrypto,
  get subtle() { return webcrypto.subtle; },
};
