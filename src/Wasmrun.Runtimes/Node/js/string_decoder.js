'use strict';

const { coded } = require('internal/errors');

const CANONICAL = {
  utf8: 'utf8', 'utf-8': 'utf8', ucs2: 'utf16le', 'ucs-2': 'utf16le', utf16le: 'utf16le', 'utf-16le': 'utf16le', latin1: 'latin1',
  binary: 'latin1', base64: 'base64', base64url: 'base64url', ascii: 'ascii', hex: 'hex',
};

// How many bytes at the end begin a character that is not complete.
function incomplete(bytes, encoding) {
  const length = bytes.length;
  switch (encoding) {
    case 'utf8':
      for (let back = 1; back <= Math.min(3, length); back++) {
        const byte = bytes[length - back];
        if ((byte & 0xc0) === 0x80) continue;
        const size = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return size > back ? back : 0;
      }
      return 0;
    case 'utf16le': {
      if (length % 2 === 1) return length >= 3 && (bytes[length - 2] & 0xfc) === 0xd8 ? 3 : 1;
      return length >= 2 && (bytes[length - 1] & 0xfc) === 0xd8 ? 2 : 0;
    }
    case 'base64': case 'base64url': return length % 3;
    default: return 0;
  }
}

class StringDecoder {
  constructor(encoding) {
    const name = CANONICAL[String(encoding === undefined || encoding === null ? 'utf8' : encoding).toLowerCase()];
    if (name === undefined) throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
    this.encoding = name;
    this._rest = Buffer.alloc(0);
  }
  get lastNeed() { return this._rest.length; }
  write(chunk) {
    if (typeof chunk === 'string') return chunk;
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this._rest.length > 0) bytes = Buffer.concat([this._rest, bytes]);
    const left = incomplete(bytes, this.encoding);
    this._rest = left > 0 ? Buffer.from(bytes.subarray(bytes.length - left)) : Buffer.alloc(0);
    return bytes.toString(this.encoding, 0, bytes.length - left);
  }
  end(chunk) {
    const text = chunk === undefined ? '' : this.write(chunk);
    const rest = this._rest;
    this._rest = Buffer.alloc(0);
    return rest.length > 0 ? text + rest.toString(this.encoding) : text;
  }
}

// Older programs call it on an object of their own, without "new".
function CallableDecoder(encoding) {
  if (new.target) return Reflect.construct(StringDecoder, [encoding], new.target);
  Object.assign(this, new StringDecoder(encoding));
  return undefined;
}
CallableDecoder.prototype = StringDecoder.prototype;
Object.defineProperty(CallableDecoder, 'name', { value: 'StringDecoder' });

module.exports = { StringDecoder: CallableDecoder };
