'use strict';

const { host } = internal;
const { Transform } = require('stream');
const { invalidArgType } = require('internal/errors');

const constants = {
  Z_NO_FLUSH: 0, Z_PARTIAL_FLUSH: 1, Z_SYNC_FLUSH: 2, Z_FULL_FLUSH: 3, Z_FINISH: 4, Z_BLOCK: 5, Z_OK: 0, Z_STREAM_END: 1, Z_NEED_DICT: 2,
  Z_ERRNO: -1, Z_STREAM_ERROR: -2, Z_DATA_ERROR: -3, Z_MEM_ERROR: -4, Z_BUF_ERROR: -5, Z_NO_COMPRESSION: 0, Z_BEST_SPEED: 1,
  Z_BEST_COMPRESSION: 9, Z_DEFAULT_COMPRESSION: -1, Z_FILTERED: 1, Z_HUFFMAN_ONLY: 2, Z_RLE: 3, Z_FIXED: 4, Z_DEFAULT_STRATEGY: 0,
  Z_MIN_WINDOWBITS: 8, Z_MAX_WINDOWBITS: 15, Z_DEFAULT_WINDOWBITS: 15, Z_MIN_CHUNK: 64, Z_MAX_CHUNK: Infinity, Z_DEFAULT_CHUNK: 16384,
  Z_MIN_MEMLEVEL: 1, Z_MAX_MEMLEVEL: 9, Z_DEFAULT_MEMLEVEL: 8, Z_MIN_LEVEL: -1, Z_MAX_LEVEL: 9, Z_DEFAULT_LEVEL: -1,
  BROTLI_OPERATION_PROCESS: 0, BROTLI_OPERATION_FLUSH: 1, BROTLI_OPERATION_FINISH: 2, BROTLI_OPERATION_EMIT_METADATA: 3,
  BROTLI_PARAM_MODE: 0, BROTLI_PARAM_QUALITY: 1, BROTLI_PARAM_LGWIN: 2, BROTLI_PARAM_SIZE_HINT: 5, BROTLI_MODE_GENERIC: 0,
  BROTLI_MODE_TEXT: 1, BROTLI_MODE_FONT: 2, BROTLI_DEFAULT_QUALITY: 11, BROTLI_MIN_QUALITY: 0, BROTLI_MAX_QUALITY: 11,
};
const LARGEST = 2 ** 31 - 1;
const adopt = (bytes) => Object.setPrototypeOf(bytes, Buffer.prototype);

function bytesOf(value) {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw invalidArgType('buffer', ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], value);
}

function levelOf(format, options) {
  if (format === 'brotli') {
    const quality = options.params && options.params[constants.BROTLI_PARAM_QUALITY];
    return quality === undefined ? 11 : quality;
  }
  return options.level === undefined || options.level < 0 ? 6 : options.level;
}

class Compressor extends Transform {
  constructor(format, options = {}) {
    super(options);
    this._codec = host.zlibOpen(format, levelOf(format, options));
    this.bytesWritten = 0;
  }
  _put(bytes, operation) {
    const result = host.zlibCompress(this._codec, bytes, operation);
    if (result.length > 0) this.push(adopt(result));
  }
  _transform(chunk, encoding, done) {
    this.bytesWritten += chunk.length;
    this._put(bytesOf(chunk), 0);
    done();
  }
  _flush(done) {
    this._put(new Uint8Array(0), 2);
    done();
  }
  flush(kind, callback) {
    if (typeof kind === 'function') callback = kind;
    if (this.writableEnded || this.destroyed) {
      if (callback) process.nextTick(callback);
      return;
    }
    // After everything that was written before.
    this.write(Buffer.alloc(0), () => {
      if (!this.destroyed && !this.writableEnded) this._put(new Uint8Array(0), 1);
      if (callback) callback();
    });
  }
  _destroy(error, done) {
    host.zlibClose(this._codec);
    done(error);
  }
  close(callback) {
    if (callback) this.once('close', callback);
    this.destroy();
  }
  params(level, strategy, callback) { process.nextTick(callback); }
  reset() {}
}

class Decompressor extends Transform {
  constructor(format, options = {}) {
    super(options);
    this._format = format;
    this._most = options.maxOutputLength || LARGEST;
    this._chunks = [];
    this.bytesWritten = 0;
  }
  _transform(chunk, encoding, done) {
    this.bytesWritten += chunk.length;
    this._chunks.push(chunk);
    done();
  }
  _flush(done) {
    try {
      const bytes = Buffer.concat(this._chunks);
      if (bytes.length > 0) {
        // What there is of data that was cut off is given out before the error is.
        const { result, cutOff } = read(this._format, bytes, this._most);
        if (result.length > 0) this.push(result);
        done(cutOff);
      } else {
        done();
      }
    } catch (error) {
      done(error);
    }
  }
  flush(kind, callback) {
    if (typeof kind === 'function') callback = kind;
    if (callback) process.nextTick(callback);
  }
  close(callback) {
    if (callback) this.once('close', callback);
    this.destroy();
  }
}

function read(format, bytes, most) {
  if (format === 'any') format = bytes[0] === 0x1f ? 'gzip' : 'deflate';
  try {
    const result = adopt(host.zlibDecompress(format, bytes, most));
    const cutOff = host.zlibIsWhole(format, bytes, result) ? null : Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR', errno: constants.Z_BUF_ERROR });
    return { result, cutOff };
  } catch (error) {
    if (error.code === 'Z_DATA_ERROR') error.errno = constants.Z_DATA_ERROR;
    throw error;
  }
}

function decompress(format, bytes, most) {
  const { result, cutOff } = read(format, bytes, most);
  if (cutOff !== null) throw cutOff;
  return result;
}

function compress(format, value, options = {}) {
  const codec = host.zlibOpen(format, levelOf(format, options));
  try {
    return adopt(host.zlibCompress(codec, bytesOf(value), 2));
  } finally {
    host.zlibClose(codec);
  }
}

const FORMATS = [
  ['Gzip', 'gzip', true], ['Gunzip', 'gzip', false], ['Deflate', 'deflate', true], ['Inflate', 'deflate', false], ['DeflateRaw', 'deflateRaw', true],
  ['InflateRaw', 'deflateRaw', false], ['BrotliCompress', 'brotli', true], ['BrotliDecompress', 'brotli', false], ['Unzip', 'any', false],
];
module.exports = { constants, codes: constants, ...constants };
for (const [name, format, isCompressing] of FORMATS) {
  const Base = isCompressing ? Compressor : Decompressor;
  function Codec(options) { return Reflect.construct(Base, [format, options], new.target || Codec); }
  Object.setPrototypeOf(Codec, Base);
  Codec.prototype = Object.create(Base.prototype, { constructor: { value: Codec, writable: true, configurable: true } });
  Object.defineProperty(Codec, 'name', { value: name });
  module.exports[name] = Codec;
  module.exports['create' + name] = (options) => new Codec(options);
  const plain = name[0].toLowerCase() + name.slice(1);
  const work = isCompressing ? (value, options) => compress(format, value, options)
    : (value, options = {}) => decompress(format, bytesOf(value), (options && options.maxOutputLength) || LARGEST);
  module.exports[plain + 'Sync'] = work;
  module.exports[plain] = (value, options, callback) => {
    if (typeof options === 'function') [options, callback] = [{}, options];
    let result;
    try {
      result = work(value, options);
    } catch (error) {
      setImmediate(callback, error);
      return;
    }
    setImmediate(callback, null, result);
  };
}
module.exports.crc32 = (value, seed = 0) => {
  let crc = ~seed;
  for (const byte of bytesOf(value)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
};
