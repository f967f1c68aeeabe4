'use strict';

const { host } = internal;
const { Transform } = require('stream');
const { coded, invalidArgType } = require('internal/errors');

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

const open = new Map();

function sweep() {
  host.collectGarbage();
  for (const [codec, stream] of open) {
    if (stream.deref() !== undefined) continue;
    open.delete(codec);
    host.zlibClose(codec);
  }
}

// The host gives only so much memory: when there is no more, those are closed that a program has forgotten.
function start(begin) {
  try {
    return begin();
  } catch (error) {
    if (error.code !== 'ERR_ZLIB_INITIALIZATION_FAILED') throw error;
  }
  sweep();
  return begin();
}

function opened(stream, begin) {
  const codec = start(begin);
  open.set(codec, new WeakRef(stream));
  return codec;
}

function close(stream) {
  if (stream._codec === 0) return;
  open.delete(stream._codec);
  host.zlibClose(stream._codec);
  stream._codec = 0;
}

class Compressor extends Transform {
  constructor(format, options = {}) {
    super(options);
    this._format = format;
    this._level = levelOf(format, options);
    this._codec = opened(this, () => host.zlibOpen(format, this._level));
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
      if (callback) afterReading(this, callback);
    });
  }
  _destroy(error, done) {
    close(this);
    done(error);
  }
  close(callback) {
    if (callback) this.once('close', callback);
    this.destroy();
  }
  params(level, strategy, callback) { process.nextTick(callback); }
  reset() {
    close(this);
    this._codec = opened(this, () => host.zlibOpen(this._format, this._level));
  }
}

class Decompressor extends Transform {
  constructor(format, options = {}) {
    super(options);
    this._format = format;
    this._most = options.maxOutputLength || Infinity;
    this._codec = 0;
    this._wasFed = false;
    this._goOn = null;
    this._isWanted = false;
    this.bytesWritten = 0;
  }
  _transform(chunk, encoding, done) {
    this.bytesWritten += chunk.length;
    if (chunk.length === 0) {
      done();
      return;
    }
    if (this._codec === 0) this._codec = opened(this, () => host.inflateOpen(this._format === 'any' ? formatOf(chunk) : this._format));
    this._wasFed = true;
    host.inflateFeed(this._codec, bytesOf(chunk));
    this._give(done);
  }
  // What has come out is taken by the reader before more is unpacked.
  _give(done) {
    for (;;) {
      if (this.destroyed) return;
      let part;
      try {
        part = host.inflateRead(this._codec);
      } catch (error) {
        done(asDataError(error));
        return;
      }
      if (part === null) break;
      this._most -= part.length;
      if (this._most < 0) {
        done(coded(RangeError, 'ERR_BUFFER_TOO_LARGE', 'Cannot create a Buffer larger than the maxOutputLength'));
        return;
      }
      this._isWanted = false;
      if (!this.push(adopt(part)) && !this._isWanted) {
        this._goOn = () => this._give(done);
        return;
      }
    }
    done();
  }
  _read(size) {
    const goOn = this._goOn;
    this._goOn = null;
    // Who takes a part may ask for the next one before the push has returned.
    this._isWanted = true;
    if (goOn !== null) goOn();
    super._read(size);
  }
  _flush(done) {
    done(!this._wasFed || host.inflateIsWhole(this._codec) ? null : cutOff());
  }
  flush(kind, callback) {
    if (typeof kind === 'function') callback = kind;
    if (this.writableEnded || this.destroyed) {
      if (callback) process.nextTick(callback);
      return;
    }
    this.write(Buffer.alloc(0), () => { if (callback) afterReading(this, callback); });
  }
  reset() {
    close(this);
    this._wasFed = false;
  }
  _destroy(error, done) {
    this.reset();
    done(error);
  }
  close(callback) {
    if (callback) this.once('close', callback);
    this.destroy();
  }
}

// Who waits for a flush looks at what has been read until then.
function afterReading(stream, callback) {
  if (stream.readableFlowing && stream.readableLength > 0 && !stream.destroyed) setImmediate(afterReading, stream, callback);
  else callback();
}

const formatOf = (bytes) => (bytes[0] === 0x1f ? 'gzip' : 'deflate');
const cutOff = () => Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR', errno: constants.Z_BUF_ERROR });

function asDataError(error) {
  if (error.code === 'Z_DATA_ERROR') error.errno = constants.Z_DATA_ERROR;
  return error;
}

function decompress(format, bytes, most) {
  if (bytes.length === 0) throw cutOff();
  const codec = start(() => host.inflateOpen(format === 'any' ? formatOf(bytes) : format));
  try {
    host.inflateFeed(codec, bytes);
    const parts = [];
    let length = 0;
    for (let part; (part = host.inflateRead(codec)) !== null;) {
      length += part.length;
      if (length > most) throw coded(RangeError, 'ERR_BUFFER_TOO_LARGE', `Cannot create a Buffer larger than ${most} bytes`);
      parts.push(part);
    }
    if (!host.inflateIsWhole(codec)) throw cutOff();
    return parts.length === 1 ? adopt(parts[0]) : Buffer.concat(parts, length);
  } catch (error) {
    throw asDataError(error);
  } finally {
    host.zlibClose(codec);
  }
}

function compress(format, value, options = {}) {
  const codec = start(() => host.zlibOpen(format, levelOf(format, options)));
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
