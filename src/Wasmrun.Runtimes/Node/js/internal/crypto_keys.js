// Public-key cryptography: keys as objects, signatures, and encryption with RSA.
'use strict';

const { host } = internal;
const { Writable } = require('stream');
const { coded, invalidArgType } = require('internal/errors');
const { algorithmOf, bytesOf, encoded, adopt, KeyObject, answer } = require('internal/crypto_bytes');
const { line } = require('internal/crypto_turns');

const constants = {
  RSA_PKCS1_PADDING: 1, RSA_NO_PADDING: 3, RSA_PKCS1_OAEP_PADDING: 4, RSA_PKCS1_PSS_PADDING: 6,
  RSA_PSS_SALTLEN_DIGEST: -1, RSA_PSS_SALTLEN_MAX_SIGN: -2, RSA_PSS_SALTLEN_AUTO: -2,
};
const LABELS = { pkcs8: 'PRIVATE KEY', spki: 'PUBLIC KEY', sec1: 'EC PRIVATE KEY' };
const JWK_CURVES = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

const toPem = (bytes, label) => `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;

class AsymmetricKey extends KeyObject {
  constructor(info) {
    super(info.type, Buffer.from(info.bytes, 'base64'));
    Object.defineProperty(this, '_info', { value: info, enumerable: false });
  }
  get asymmetricKeyType() { return this._info.kind; }
  get asymmetricKeyDetails() {
    return this._info.kind === 'rsa'
      ? { modulusLength: this._info.bits, publicExponent: BigInt('0x' + this._info.exponent) }
      : { namedCurve: this._info.curve };
  }
  export(options = {}) {
    const isPrivate = this.type === 'private';
    if (options.format === 'jwk') return this._jwk();
    if (options.cipher) throw coded(Error, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', 'keys are not encrypted when they are exported');
    const form = options.type || (isPrivate ? 'pkcs8' : 'spki');
    const bytes = form === 'pkcs8' || form === 'spki' ? Buffer.from(this._bytes) : adopt(host.keyExport(this._bytes, isPrivate, form));
    return options.format === 'der' ? bytes : toPem(bytes, LABELS[form] || `RSA ${isPrivate ? 'PRIVATE' : 'PUBLIC'} KEY`);
  }
  _jwk() {
    const { kind, curve, x, y, d, n, e, p, q, dp, dq, qi } = this._info;
    if (kind === 'ec') return { kty: 'EC', crv: JWK_CURVES[curve], x, y, ...(d === undefined ? {} : { d }) };
    return { kty: 'RSA', n, e, ...(d === undefined ? {} : { d, p, q, dp, dq, qi }) };
  }
}

function parse(value, wanted) {
  let options = {};
  if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer) && !(value instanceof KeyObject)) {
    options = value;
    value = value.key;
  }
  if (value instanceof KeyObject) return value;
  if (value === undefined || value === null) throw invalidArgType('key', ['string', 'Buffer', 'KeyObject'], value);
  const format = options.format === 'jwk' ? 'jwk' : options.format === 'der' ? `der-${options.type || (wanted === 'private' ? 'pkcs8' : 'spki')}` : 'pem';
  const bytes = format === 'jwk' ? Buffer.from(JSON.stringify(value)) : bytesOf(value, 'key', options.encoding);
  const passphrase = options.passphrase === undefined ? undefined : String(options.passphrase);
  return new AsymmetricKey(JSON.parse(host.keyParse(bytes, format, passphrase)));
}

function createPrivateKey(value) {
  const key = parse(value, 'private');
  if (key.type !== 'private') throw coded(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${key.type}, expected private.`);
  return key;
}

function createPublicKey(value) {
  const key = parse(value, 'public');
  if (key.type === 'secret') throw coded(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', 'Invalid key object type secret, expected private.');
  return key.type === 'public' ? key : parse({ key: adopt(host.keyPublic(key._bytes)), format: 'der', type: 'spki' }, 'public');
}

const optionsOf = (value) => (value !== null && typeof value === 'object' && !(value instanceof KeyObject) && !ArrayBuffer.isView(value) ? value : {});
const hashOf = (name) => algorithmOf(name === null || name === undefined ? 'sha256' : name);

function signWith(name, data, value) {
  const { padding = 0, dsaEncoding } = optionsOf(value);
  return adopt(host.keySign(createPrivateKey(value)._bytes, hashOf(name), data, padding, dsaEncoding === 'ieee-p1363'));
}

function verifyWith(name, data, value, signature) {
  const { padding = 0, dsaEncoding } = optionsOf(value);
  return host.keyVerify(createPublicKey(value)._bytes, hashOf(name), data, padding, dsaEncoding === 'ieee-p1363', signature);
}

class Collected extends Writable {
  constructor(name, options) {
    super(options);
    this._name = name;
    this._chunks = [];
    hashOf(name);
  }
  update(value, encoding) {
    this._chunks.push(Buffer.from(bytesOf(value, 'data', encoding || 'utf8')));
    return this;
  }
  _write(chunk, encoding, done) {
    this._chunks.push(Buffer.from(chunk));
    done();
  }
}

class Sign extends Collected {
  sign(key, encoding) { return encoded(signWith(this._name, Buffer.concat(this._chunks), key), encoding); }
}

class Verify extends Collected {
  verify(key, signature, encoding) { return verifyWith(this._name, Buffer.concat(this._chunks), key, bytesOf(signature, 'signature', encoding)); }
}

// A key of RSA is made beside the program, which looks now and then whether it is there.
const LOOK_MS = 5;
const makeRsa = line(host.rsaTake, (done) => setTimeout(done, LOOK_MS));

function checkKind(kind) {
  if (kind !== 'rsa' && kind !== 'ec') {
    throw require('internal/errors').refused(`crypto.generateKeyPair('${kind}')`, 'there are keys of RSA and of the curves P-256, P-384 and P-521');
  }
}

function pairOf(bytes, options) {
  const privateKey = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  return {
    publicKey: options.publicKeyEncoding ? publicKey.export(options.publicKeyEncoding) : publicKey,
    privateKey: options.privateKeyEncoding ? privateKey.export(options.privateKeyEncoding) : privateKey,
  };
}

function generateKeyPairSync(kind, options = {}) {
  checkKind(kind);
  return pairOf(adopt(host.keyGenerate(kind, kind === 'rsa' ? options.modulusLength : options.namedCurve)), options);
}

async function makeKeyPair(kind, options = {}) {
  return kind === 'rsa' ? pairOf(await makeRsa(() => host.rsaBegin(options.modulusLength)), options) : generateKeyPairSync(kind, options);
}

function generateKeyPair(kind, options, callback) {
  checkKind(kind);
  if (typeof callback !== 'function') throw invalidArgType('callback', 'Function', callback);
  makeKeyPair(kind, options).then((pair) => setImmediate(callback, null, pair.publicKey, pair.privateKey), (error) => setImmediate(callback, error));
}
generateKeyPair[Symbol.for('nodejs.util.promisify.custom')] = makeKeyPair;

const crypt = (operation, keyOf) => (value, data) => {
  const { padding = constants.RSA_PKCS1_OAEP_PADDING, oaepHash = 'sha1' } = optionsOf(value);
  return adopt(operation(keyOf(value)._bytes, bytesOf(data, 'buffer'), padding === constants.RSA_PKCS1_PADDING ? 1 : 4, algorithmOf(oaepHash)));
};

module.exports = {
  constants, Sign, Verify, createPrivateKey, createPublicKey, generateKeyPair, generateKeyPairSync, makeKeyPair,
  createSign: (name, options) => new Sign(name, options),
  createVerify: (name, options) => new Verify(name, options),
  sign: (name, data, key, callback) => answer(() => signWith(name, bytesOf(data, 'data'), key), callback),
  verify: (name, data, key, signature, callback) => answer(() => verifyWith(name, bytesOf(data, 'data'), key, bytesOf(signature, 'signature')), callback),
  publicEncrypt: crypt((...args) => host.keyEncrypt(...args), createPublicKey),
  privateDecrypt: crypt((...args) => host.keyDecrypt(...args), createPrivateKey),
};
