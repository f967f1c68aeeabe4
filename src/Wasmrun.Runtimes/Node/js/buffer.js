'use strict';

const { host } = internal;
const { coded, invalidArgType, outOfRange } = require('internal/errors');

const MAX_LENGTH = 0x7fffffff;
const MAX_STRING_LENGTH = 0x1fffffe8;
const ENCODINGS = {
  utf8: 0, 'utf-8': 0, latin1: 1, binary: 1, base64: 2, hex: 3, base64url: 4, ucs2: 5, 'ucs-2': 5, utf16le: 5, 'utf-16le': 5, ascii: 6,
};

function encodingOf(encoding) {
  if (encoding === undefined || encoding === null || encoding === '' || encoding === 'utf8') return 0;
  let number = ENCODINGS[encoding];
  if (number === undefined) {
    number = ENCODINGS[String(encoding).toLowerCase()];
    if (number === undefined) throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
  }
  return number;
}

class FastBuffer extends Uint8Array {}

function adopt(bytes) {
  return Object.setPrototypeOf(bytes, FastBuffer.prototype);
}

function checkSize(size) {
  if (typeof size !== 'number') throw invalidArgType('size', 'number', size);
  if (!(size >= 0 && size <= MAX_LENGTH)) throw outOfRange('size', `>= 0 && <= ${MAX_LENGTH}`, size);
}

function Buffer(value, encodingOrOffset, length) {
  if (typeof value === 'number') {
    if (typeof encodingOrOffset === 'string') throw invalidArgType('string', 'string', value);
    return Buffer.alloc(value);
  }
  return Buffer.from(value, encodingOrOffset, length);
}
Object.setPrototypeOf(Buffer, Uint8Array);
Buffer.prototype = FastBuffer.prototype;
Object.defineProperty(FastBuffer.prototype, 'constructor', { value: Buffer, writable: true, configurable: true });
Object.defineProperty(Buffer, Symbol.species, { get: () => FastBuffer });
Buffer.poolSize = 8192;

Buffer.from = function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') return adopt(host.encode(value, encodingOf(encodingOrOffset)));
  if (typeof value === 'object' && value !== null) {
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
      const offset = encodingOrOffset === undefined ? 0 : +encodingOrOffset || 0;
      const most = value.byteLength - offset;
      if (most < 0) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
      if (length !== undefined && length > most) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"length" is outside of buffer bounds');
      return new FastBuffer(value, offset, length === undefined ? most : Math.max(0, +length || 0));
    }
    // Copied as a whole, and not element by element.
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return adopt(new Uint8Array(value));
    const primitive = typeof value.valueOf === 'function' ? value.valueOf() : value;
    if (primitive !== null && primitive !== undefined && primitive !== value && (typeof primitive === 'string' || typeof primitive === 'object')) {
      return Buffer.from(primitive, encodingOrOffset, length);
    }
    if (value.length !== undefined || value.buffer instanceof ArrayBuffer) {
      return typeof value.length === 'number' ? adopt(Uint8Array.from(value)) : new FastBuffer(0);
    }
    if (value.type === 'Buffer' && Array.isArray(value.data)) return adopt(Uint8Array.from(value.data));
    if (typeof value[Symbol.toPrimitive] === 'function') return Buffer.from(value[Symbol.toPrimitive]('string'), encodingOrOffset);
  }
  throw invalidArgType('first argument', ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'], value);
};

Buffer.alloc = function alloc(size, fill, encoding) {
  checkSize(size);
  const buffer = new FastBuffer(size);
  return fill !== undefined && fill !== 0 && size > 0 ? buffer.fill(fill, encoding) : buffer;
};
Buffer.allocUnsafe = function allocUnsafe(size) {
  checkSize(size);
  return new FastBuffer(size);
};
Buffer.allocUnsafeSlow = Buffer.allocUnsafe;
Buffer.of = (...bytes) => adopt(Uint8Array.of(...bytes));
Buffer.copyBytesFrom = (view, offset = 0, length = view.length - offset) =>
  adopt(new Uint8Array(view.slice(offset, offset + length).buffer.slice(0)));
Buffer.isBuffer = (value) => value instanceof FastBuffer;
Buffer.isEncoding = (encoding) => typeof encoding === 'string' && ENCODINGS[encoding.toLowerCase()] !== undefined;

Buffer.byteLength = function byteLength(value, encoding) {
  if (typeof value !== 'string') {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return value.byteLength;
    throw invalidArgType('string', ['string', 'Buffer', 'ArrayBuffer'], value);
  }
  switch (ENCODINGS[encoding === undefined ? 'utf8' : String(encoding).toLowerCase()]) {
    case 1: case 6: return value.length;
    case 5: return value.length * 2;
    case 3: return value.length >>> 1;
    case 2: case 4: {
      const trimmed = value.replace(/=+$/, '').length;
      return (trimmed * 3) >>> 2;
    }
    default: return host.byteLength(value);
  }
};

Buffer.compare = function compare(a, b) {
  if (!(a instanceof Uint8Array)) throw invalidArgType('buf1', ['Buffer', 'Uint8Array'], a);
  if (!(b instanceof Uint8Array)) throw invalidArgType('buf2', ['Buffer', 'Uint8Array'], b);
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
};

Buffer.concat = function concat(list, length) {
  if (!Array.isArray(list)) throw invalidArgType('list', 'Array', list);
  if (length === undefined) {
    length = 0;
    for (const each of list) length += each.length;
  }
  const result = Buffer.alloc(length);
  let at = 0;
  for (let i = 0; i < list.length; i++) {
    const each = list[i];
    if (!(each instanceof Uint8Array)) throw invalidArgType(`list[${i}]`, ['Buffer', 'Uint8Array'], each);
    if (at + each.length > length) {
      result.set(each.subarray(0, length - at), at);
      break;
    }
    result.set(each, at);
    at += each.length;
  }
  return result;
};

const proto = Buffer.prototype;

Object.defineProperties(proto, {
  parent: { enumerable: true, configurable: true, get() { return this instanceof FastBuffer ? this.buffer : undefined; } },
  offset: { enumerable: true, configurable: true, get() { return this instanceof FastBuffer ? this.byteOffset : undefined; } },
});

proto.toString = function toString(encoding, start, end) {
  if (arguments.length === 0) return host.decode(this, 0);
  start = start === undefined || start < 0 ? 0 : Math.trunc(start) || 0;
  end = end === undefined || end > this.length ? this.length : Math.trunc(end) || 0;
  return end <= start ? '' : host.decode(this, encodingOf(encoding), start, end);
};
proto.toLocaleString = proto.toString;

proto.equals = function equals(other) {
  if (!(other instanceof Uint8Array)) throw invalidArgType('otherBuffer', ['Buffer', 'Uint8Array'], other);
  return Buffer.compare(this, other) === 0;
};

proto.compare = function compare(target, targetStart = 0, targetEnd = target.length, start = 0, end = this.length) {
  if (!(target instanceof Uint8Array)) throw invalidArgType('target', ['Buffer', 'Uint8Array'], target);
  return Buffer.compare(this.subarray(start, end), target.subarray(targetStart, targetEnd));
};

proto.slice = function slice(start, end) {
  return this.subarray(start, end);
};

proto.toJSON = function toJSON() {
  return { type: 'Buffer', data: Array.from(this) };
};

proto.copy = function copy(target, targetStart = 0, start = 0, end = this.length) {
  targetStart = Math.trunc(targetStart) || 0;
  start = Math.trunc(start) || 0;
  if (targetStart >= target.length || start >= end) return 0;
  const source = this.subarray(start, Math.min(end, this.length, start + target.length - targetStart));
  target.set(source, targetStart);
  return source.length;
};

proto.write = function write(text, offset, length, encoding) {
  if (typeof offset === 'string') [encoding, offset, length] = [offset, 0, undefined];
  else if (typeof length === 'string') [encoding, length] = [length, undefined];
  if (typeof text !== 'string') throw invalidArgType('argument', 'string', text);
  offset = offset === undefined ? 0 : offset;
  if (offset < 0 || offset > this.length) throw outOfRange('offset', `>= 0 && <= ${this.length}`, offset);
  const number = encodingOf(encoding);
  const bytes = host.encode(text, number);
  let count = Math.min(bytes.length, this.length - offset, length === undefined ? Infinity : length);
  if (count < bytes.length) {
    // No half of a character.
    if (number === 0) while (count > 0 && (bytes[count] & 0xc0) === 0x80) count--;
    else if (number === 5) count &= ~1;
  }
  this.set(count === bytes.length ? bytes : bytes.subarray(0, count), offset);
  return count;
};

proto.fill = function fill(value, offset, end, encoding) {
  if (typeof offset === 'string') [encoding, offset, end] = [offset, 0, this.length];
  else if (typeof end === 'string') [encoding, end] = [end, this.length];
  offset = offset === undefined ? 0 : offset;
  end = end === undefined ? this.length : end;
  if (offset < 0 || offset > this.length) throw outOfRange('offset', `>= 0 && <= ${this.length}`, offset);
  if (end < 0 || end > this.length) throw outOfRange('end', `>= 0 && <= ${this.length}`, end);
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const pattern = typeof value === 'string' ? host.encode(value, encodingOf(encoding)) : value;
    if (pattern.length > 0) {
      const wanted = Math.max(end - offset, 0);
      let done = Math.min(pattern.length, wanted);
      this.set(pattern.subarray(0, done), offset);
      // What is there already is repeated, so that each step doubles it.
      for (; done < wanted; done *= 2) this.copyWithin(offset + done, offset, offset + Math.min(done, wanted - done));
      return this;
    }
    value = 0;
  }
  Uint8Array.prototype.fill.call(this, value & 255, offset, end);
  return this;
};

function find(buffer, value, offset, encoding, isLast) {
  if (typeof offset === 'string') [encoding, offset] = [offset, undefined];
  if (typeof value === 'number') {
    value &= 255;
    return isLast ? Uint8Array.prototype.lastIndexOf.call(buffer, value, offset === undefined ? buffer.length - 1 : offset)
      : Uint8Array.prototype.indexOf.call(buffer, value, offset);
  }
  const pattern = typeof value === 'string' ? host.encode(value, encodingOf(encoding)) : value;
  if (!(pattern instanceof Uint8Array)) throw invalidArgType('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
  offset = offset === undefined || Number.isNaN(+offset) ? (isLast ? buffer.length : 0) : Math.trunc(+offset);
  if (offset < 0) offset = Math.max(isLast ? -1 : 0, buffer.length + offset);
  if (offset < 0) return -1;
  if (pattern.length === 0) return Math.min(offset, buffer.length);
  const step = isLast ? -1 : 1;
  for (let i = isLast ? Math.min(offset, buffer.length - pattern.length) : offset; i >= 0 && i + pattern.length <= buffer.length; i += step) {
    if (!isLast) {
      i = Uint8Array.prototype.indexOf.call(buffer, pattern[0], i);
      if (i < 0 || i + pattern.length > buffer.length) return -1;
    }
    let j = 0;
    while (j < pattern.length && buffer[i + j] === pattern[j]) j++;
    if (j === pattern.length) return i;
  }
  return -1;
}

proto.indexOf = function indexOf(value, offset, encoding) { return find(this, value, offset, encoding, false); };
proto.lastIndexOf = function lastIndexOf(value, offset, encoding) { return find(this, value, offset, encoding, true); };
proto.includes = function includes(value, offset, encoding) { return find(this, value, offset, encoding, false) >= 0; };

for (const [name, encoding] of [['utf8', 'utf8'], ['latin1', 'latin1'], ['ascii', 'ascii'], ['base64', 'base64'], ['base64url', 'base64url'], ['hex', 'hex'], ['ucs2', 'ucs2']]) {
  proto[name + 'Slice'] = function (start, end) { return this.toString(encoding, start, end); };
  proto[name + 'Write'] = function (text, offset, length) { return this.write(text, offset, length, encoding); };
}

// ---- numbers

function viewOf(buffer) {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function checkOffset(buffer, offset, size) {
  if (typeof offset !== 'number') throw invalidArgType('offset', 'number', offset);
  if (!Number.isInteger(offset)) throw outOfRange('offset', 'an integer', offset);
  if (offset < 0 || offset + size > buffer.length) {
    if (buffer.length < size) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', 'Attempt to access memory outside buffer bounds');
    throw outOfRange('offset', `>= 0 and <= ${buffer.length - size}`, offset);
  }
}

function checkValue(value, low, high) {
  if (value < low || value > high) throw outOfRange('value', `>= ${low} and <= ${high}`, value);
}

const NUMBERS = [
  ['UInt8', 1, 'Uint8', 0, 255], ['Int8', 1, 'Int8', -128, 127], ['UInt16', 2, 'Uint16', 0, 65535], ['Int16', 2, 'Int16', -32768, 32767],
  ['UInt32', 4, 'Uint32', 0, 4294967295], ['Int32', 4, 'Int32', -2147483648, 2147483647], ['Float', 4, 'Float32'], ['Double', 8, 'Float64'],
  ['BigUInt64', 8, 'BigUint64', 0n, 18446744073709551615n], ['BigInt64', 8, 'BigInt64', -9223372036854775808n, 9223372036854775807n],
];
for (const [name, size, method, low, high] of NUMBERS) {
  for (const [suffix, little] of size === 1 ? [['', false]] : [['LE', true], ['BE', false]]) {
    const read = function (offset = 0) {
      checkOffset(this, offset, size);
      return viewOf(this)['get' + method](offset, little);
    };
    const write = function (value, offset = 0) {
      if (low !== undefined) {
        if (typeof low === 'bigint' && typeof value !== 'bigint') throw invalidArgType('value', 'bigint', value);
        checkValue(value, low, high);
      }
      checkOffset(this, offset, size);
      viewOf(this)['set' + method](offset, value, little);
      return offset + size;
    };
    for (const alias of name.includes('UInt') ? [name, name.replace('UInt', 'Uint')] : [name]) {
      proto['read' + alias + suffix] = read;
      proto['write' + alias + suffix] = write;
    }
  }
}

for (const isSigned of [false, true]) {
  for (const little of [true, false]) {
    const read = function (offset, size) {
      if (!(size >= 1 && size <= 6)) throw outOfRange('byteLength', '>= 1 and <= 6', size);
      checkOffset(this, offset, size);
      let value = 0;
      for (let i = 0; i < size; i++) value = value * 256 + this[little ? offset + size - 1 - i : offset + i];
      return isSigned && value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
    };
    const write = function (value, offset, size) {
      if (!(size >= 1 && size <= 6)) throw outOfRange('byteLength', '>= 1 and <= 6', size);
      checkValue(value, isSigned ? -(2 ** (8 * size - 1)) : 0, isSigned ? 2 ** (8 * size - 1) - 1 : 2 ** (8 * size) - 1);
      checkOffset(this, offset, size);
      let rest = value < 0 ? value + 2 ** (8 * size) : value;
      for (let i = 0; i < size; i++) {
        this[little ? offset + i : offset + size - 1 - i] = rest % 256;
        rest = Math.floor(rest / 256);
      }
      return offset + size;
    };
    for (const alias of isSigned ? ['Int'] : ['UInt', 'Uint']) {
      proto[`read${alias}${little ? 'LE' : 'BE'}`] = read;
      proto[`write${alias}${little ? 'LE' : 'BE'}`] = write;
    }
  }
}

for (const size of [2, 4, 8]) {
  proto['swap' + size * 8] = function () {
    if (this.length % size !== 0) throw coded(RangeError, 'ERR_INVALID_BUFFER_SIZE', `Buffer size must be a multiple of ${size * 8}-bits`);
    for (let i = 0; i < this.length; i += size) this.subarray(i, i + size).reverse();
    return this;
  };
}

proto[Symbol.for('nodejs.util.inspect.custom')] = function () {
  const shown = host.decode(this, 3, 0, Math.min(50, this.length)).replace(/..(?=.)/g, '$& ');
  const more = this.length > 50 ? ` ... ${this.length - 50} more byte${this.length > 51 ? 's' : ''}` : '';
  return `<${this.constructor === Buffer ? 'Buffer' : this.constructor.name}${shown ? ' ' + shown : ''}${more}>`;
};
proto.inspect = proto[Symbol.for('nodejs.util.inspect.custom')];

// What works on all of these is not shown by a loop over a buffer.
for (const name of Object.keys(proto)) Object.defineProperty(proto, name, { enumerable: false });

function toAscii(text) {
  text = String(text).replace(/[\t\n\f\r ]/g, '');
  if (text.length % 4 === 0) text = text.replace(/==?$/, '');
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) {
    throw new (globalThis.DOMException || Error)('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
  }
  return host.decode(host.encode(text, 2), 1);
}

function toBase64(text) {
  text = String(text);
  if (/[^\u0000-\u00ff]/.test(text)) throw new (globalThis.DOMException || Error)('Invalid character', 'InvalidCharacterError');
  return host.decode(host.encode(text, 1), 2);
}

module.exports = {
  Buffer, kMaxLength: MAX_LENGTH, kStringMaxLength: MAX_STRING_LENGTH, constants: { MAX_LENGTH, MAX_STRING_LENGTH }, INSPECT_MAX_BYTES: 50,
  SlowBuffer: Buffer, atob: toAscii, btoa: toBase64, isUtf8: (bytes) => host.isUtf8(bytes), isAscii: (bytes) => bytes.every((each) => each < 128),
  transcode: (source, from, to) => Buffer.from(Buffer.from(source).toString(from), to),
  get Blob() { return require('internal/blob').Blob; },
  get File() { return require('internal/blob').File; },
};
