// Secrets that two sides come to over a curve, and the points of a curve as plain bytes.
'use strict';

const { host } = internal;
const { coded, refused } = require('internal/errors');
const { adopt, bytesOf, encoded } = require('internal/crypto_bytes');
const { createPrivateKey, createPublicKey, generateKeyPairSync } = require('internal/crypto_keys');

const CURVES = {
  'prime256v1': { jwk: 'P-256', size: 32 }, 'secp384r1': { jwk: 'P-384', size: 48 }, 'secp521r1': { jwk: 'P-521', size: 66 },
};
const UNCOMPRESSED = 4;

// The curve of a name in either of the two ways in which curves are called.
function curveOf(name) {
  const found = Object.keys(CURVES).find((each) => each === name || CURVES[each].jwk === name);
  if (found === undefined) throw refused(`the curve '${name}'`, 'there are prime256v1 (P-256), secp384r1 (P-384) and secp521r1 (P-521)');
  return { name: found, ...CURVES[found] };
}

function pointOf(key) {
  const { x, y } = key._info;
  return Buffer.concat([Buffer.from([UNCOMPRESSED]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

function keyOfPoint(curve, bytes) {
  if (bytes.length !== 1 + 2 * curve.size || bytes[0] !== UNCOMPRESSED) {
    throw coded(Error, 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY', 'Public key is not valid for specified curve');
  }
  const part = (begin, end) => Buffer.from(bytes.subarray(begin, end)).toString('base64url');
  const jwk = { kty: 'EC', crv: curve.jwk, x: part(1, 1 + curve.size), y: part(1 + curve.size) };
  return createPublicKey({ key: jwk, format: 'jwk' });
}

const agree = (privateKey, publicKey) => adopt(host.keyAgree(privateKey._bytes, publicKey._bytes));

class ECDH {
  constructor(curve) {
    this._curve = curveOf(curve);
    this._key = null;
  }
  generateKeys(encoding, format) {
    this._key = generateKeyPairSync('ec', { namedCurve: this._curve.name }).privateKey;
    return this.getPublicKey(encoding, format);
  }
  get _own() {
    if (this._key === null) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Failed to get ECDH key: there is none yet');
    return this._key;
  }
  getPrivateKey(encoding) { return encoded(Buffer.from(this._own._info.d, 'base64url'), encoding); }
  setPrivateKey(value, encoding) {
    const d = Buffer.from(bytesOf(value, 'key', encoding)).toString('base64url');
    this._key = createPrivateKey({ key: { kty: 'EC', crv: this._curve.jwk, d }, format: 'jwk' });
  }
  getPublicKey(encoding, format = 'uncompressed') {
    if (format !== 'uncompressed') throw refused(`the point format '${format}'`, "there is 'uncompressed'");
    return encoded(pointOf(this._own), encoding);
  }
  computeSecret(other, inputEncoding, outputEncoding) {
    let publicKey;
    try {
      publicKey = keyOfPoint(this._curve, bytesOf(other, 'otherPublicKey', inputEncoding));
    } catch {
      throw coded(Error, 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY', 'Public key is not valid for specified curve');
    }
    return encoded(agree(this._own, publicKey), outputEncoding);
  }
}

function diffieHellman({ privateKey, publicKey }) {
  const [own, other] = [createPrivateKey(privateKey), createPublicKey(publicKey)];
  if (own.asymmetricKeyType !== 'ec' || other._info.curve !== own._info.curve) {
    throw coded(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY', 'Incompatible key types for Diffie-Hellman: there are keys of the curves P-256, P-384 and P-521, both of the same one');
  }
  return agree(own, other);
}

module.exports = { ECDH, createECDH: (curve) => new ECDH(curve), diffieHellman, agree, curveOf, pointOf, keyOfPoint };
