// Keys from passwords and from other keys. Those that nobody waits for are made one after the other, a millisecond at a time.
'use strict';

const { host } = internal;
const { coded, invalidArgType, outOfRange } = require('internal/errors');
const { adopt, bytesOf, algorithmOf, answer } = require('internal/crypto_bytes');
const { line } = require('internal/crypto_turns');

const LARGEST = 2147483647;
const SCRYPT_BYTES = 32 * 1024 * 1024;
const INFO_BYTES = 1024;
const inTurn = line(host.deriveOn, setImmediate);

function integer(value, name, least) {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < least || value > LARGEST) throw outOfRange(name, `>= ${least} && <= ${LARGEST}`, value);
  return value;
}

// What the functions of the host take.
function passwordArguments(password, salt, iterations, length, digest) {
  if (digest === undefined) throw invalidArgType('digest', 'string', digest);
  const algorithm = algorithmOf(digest);
  return [bytesOf(password, 'password'), bytesOf(salt, 'salt'), integer(iterations, 'iterations', 1), integer(length, 'keylen', 0), algorithm];
}

function scryptArguments(password, salt, length, options) {
  const chosen = (names, usual) => {
    const name = names.find((given) => options[given] !== undefined);
    return name === undefined ? usual : integer(options[name], name, 0) || usual;
  };
  const cost = chosen(['N', 'cost'], 16384);
  const blockSize = chosen(['r', 'blockSize'], 8);
  const lanes = chosen(['p', 'parallelization'], 1);
  if (cost < 2 || (cost & (cost - 1)) !== 0 || 128 * blockSize * (cost + lanes + 2) > (options.maxmem || SCRYPT_BYTES)) {
    throw coded(RangeError, 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS', 'Invalid scrypt params: memory limit exceeded');
  }
  return [bytesOf(password, 'password'), bytesOf(salt, 'salt'), cost, blockSize, lanes, integer(length, 'keylen', 0)];
}

// The program may change its buffers before their turn comes.
function derived(begin, password, salt, ...rest) {
  const [own, ownSalt] = [Buffer.from(password), Buffer.from(salt)];
  return inTurn(() => begin(own, ownSalt, ...rest));
}

function derive(begin, args, callback) {
  if (typeof callback !== 'function') throw invalidArgType('callback', 'Function', callback);
  derived(begin, ...args).then((key) => setImmediate(callback, null, key), (error) => setImmediate(callback, error));
}

function pbkdf2Sync(password, salt, iterations, length, digest) {
  return adopt(host.pbkdf2(...passwordArguments(password, salt, iterations, length, digest)));
}

function pbkdf2(password, salt, iterations, length, digest, callback) {
  if (typeof digest === 'function') [digest, callback] = [undefined, digest];
  derive(host.pbkdf2Begin, passwordArguments(password, salt, iterations, length, digest), callback);
}

function scryptSync(password, salt, length, options = {}) {
  return adopt(host.scrypt(...scryptArguments(password, salt, length, options)));
}

function scrypt(password, salt, length, options, callback) {
  if (typeof options === 'function') [options, callback] = [{}, options];
  derive(host.scryptBegin, scryptArguments(password, salt, length, options), callback);
}

function hkdfSync(digest, key, salt, info, length) {
  const context = bytesOf(info, 'info');
  if (context.length > INFO_BYTES) throw outOfRange('info', `must not contain more than ${INFO_BYTES} bytes`, context.length);
  const bytes = host.hkdf(algorithmOf(digest), bytesOf(key, 'ikm'), bytesOf(salt, 'salt'), context, length);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

function hkdf(digest, key, salt, info, length, callback) {
  answer(() => hkdfSync(digest, key, salt, info, length), callback);
}

module.exports = { pbkdf2Sync, pbkdf2, scryptSync, scrypt, hkdfSync, hkdf, derived };
