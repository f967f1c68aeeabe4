// Messages that go out: responses of a server, requests of a client. Head and body leave in one piece where they can.
'use strict';

const { host } = internal;
const { Stream } = require('stream');
const { coded, invalidArgType } = require('internal/errors');
const { lower } = require('internal/http_incoming');
const { lateEvents } = require('internal/late_events');
const { clock, soon } = require('internal/timers');
const { TOKEN } = require('internal/http_parser');

const BAD_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/;
const HIGH_WATER_MARK = 65536;
const UNCOUNTED = -1;

let dateText = '';
let dateEnd = -1;

function httpDate() {
  // The loop's clock says when the second is over, and asking it costs nothing.
  if (clock() >= dateEnd) {
    const now = Date.now();
    dateEnd = clock() + 1000 - (now % 1000);
    dateText = new Date(now).toUTCString();
  }
  return dateText;
}

// What most responses end their heads with.
let lastLines = '';
let lastEnd = -1;
let lastTimeout = -1;

function keepAliveLines(timeout) {
  return timeout >= 1000 ? `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(timeout / 1000)}\r\n` : 'Connection: keep-alive\r\n';
}

function datedLines(timeout) {
  if (clock() >= lastEnd || timeout !== lastTimeout) {
    lastLines = `Date: ${httpDate()}\r\n${keepAliveLines(timeout)}`;
    lastEnd = dateEnd;
    lastTimeout = timeout;
  }
  return lastLines;
}

// Names and short values come again and again; looking them up is faster than reading them.
const MOST_KNOWN = 1000;
const LONGEST_KNOWN = 64;
const knownNames = new Map();
const knownValues = new Set();

// Which of the fields that decide about others a message has, as bits of its state.
const HAS_DATE = 64;
const HAS_LENGTH = 128;
const HAS_CODING = 256;
const HAS_CONNECTION = 512;
const HAS_KEEP_ALIVE = 1024;
const HAS_TRAILER = 2048;
const BITS = {
  __proto__: null, date: HAS_DATE, 'content-length': HAS_LENGTH, 'transfer-encoding': HAS_CODING, connection: HAS_CONNECTION, 'keep-alive': HAS_KEEP_ALIVE, trailer: HAS_TRAILER,
};

// Answers the name in small letters, and its bit.
function known(name, label = 'Header name') {
  let field = knownNames.get(name);
  if (field !== undefined) return field;
  if (typeof name !== 'string' || !TOKEN.test(name)) throw coded(TypeError, 'ERR_INVALID_HTTP_TOKEN', `${label} must be a valid HTTP token ["${name}"]`);
  const key = name.toLowerCase();
  field = { key, isKey: key === name, bit: BITS[key] || 0 };
  if (knownNames.size < MOST_KNOWN) knownNames.set(name, field);
  return field;
}

const validateHeaderName = (name, label) => { known(name, label); };

function validateHeaderValue(name, value) {
  if (typeof value === 'number' || knownValues.has(value)) return;
  if (value === undefined) throw coded(TypeError, 'ERR_HTTP_INVALID_HEADER_VALUE', `Invalid value "undefined" for header "${name}"`);
  if (BAD_VALUE.test(value)) throw coded(TypeError, 'ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`);
  if (typeof value === 'string' && value.length <= LONGEST_KNOWN && knownValues.size < MOST_KNOWN) knownValues.add(value);
}

const sizeOf = (chunk) => (typeof chunk !== 'string' ? chunk.length : chunk === '' ? 0 : host.byteLength(chunk));

function OutgoingMessage() {}
Object.setPrototypeOf(OutgoingMessage.prototype, Stream.prototype);
Object.setPrototypeOf(OutgoingMessage, Stream);

const proto = OutgoingMessage.prototype;

// How far a message is, in one number.
const BUILT = 1;
const HEAD_SENT = 2;
const COUNTS = 4;
const ENDED = 8;
const FINISHED = 16;
const CLOSED = 32;

// How the host frames what is sent: as it is, with the line that says its length before it, as a chunk, and as the last but the empty one.
const AS_IS = 0;
const COUNTED = 1;
const CHUNK = 2;
const LAST_CHUNK = 3;
// The host leaves a message to us that has more in its head than plain texts and whole numbers.
const NOT_PLAIN = -2;

// How each message begins: most are done before many of these have changed.
Object.assign(proto, {
  _state: 0, _fields: null, _first: null, _last: null, _trailer: '', _held: null, _heldBytes: 0, _ready: false, _waits: false, _needsDrain: false, _corked: 0, _connection: null, socket: null,
  chunkedEncoding: false, _hasBody: true, destroyed: false, errored: null,
  sendDate: false, shouldKeepAlive: true, useChunkedEncodingByDefault: true, strictContentLength: false,
});

const stateOf = (bit) => ({
  configurable: true,
  get() { return (this._state & bit) !== 0; },
  set(value) { this._state = value ? this._state | bit : this._state & ~bit; },
});

// The length of the body of the message whose head is being made, when all of the body is known.
let lengthOwner = null;
let bodyLength = 0;
const bodyLengthOf = (message) => (lengthOwner === message ? bodyLength : undefined);

Object.defineProperties(proto, {
  connection: { configurable: true, get() { return this.socket; }, set(value) { this.socket = value; } },
  writableLength: { configurable: true, get() { return this._heldBytes; } },
  writableHighWaterMark: { configurable: true, get: () => HIGH_WATER_MARK },
  writableObjectMode: { configurable: true, get: () => false },
  writableCorked: { configurable: true, get() { return this._corked; } },
  writableNeedDrain: { configurable: true, get() { return !this.destroyed && !this.finished && this._needsDrain; } },
  closed: { configurable: true, get() { return this._closed; } },
  headersSent: stateOf(BUILT), finished: stateOf(ENDED), writableEnded: stateOf(ENDED), writableFinished: stateOf(FINISHED), _closed: stateOf(CLOSED), _counts: stateOf(COUNTS),
  writable: {
    configurable: true,
    get() { return (this._state & ENDED) === 0; },
    set(value) { Object.defineProperty(this, 'writable', { value, writable: true, configurable: true, enumerable: true }); },
  },
  _events: lateEvents,
  _header: { configurable: true, get() { return (this._state & BUILT) === 0 ? null : this._headText(); } },
});

function checkUnsent(message, action) {
  if (message.headersSent) throw coded(Error, 'ERR_HTTP_HEADERS_SENT', `Cannot ${action} headers after they are sent to the client`);
}

// Fields lie one after another, each as its name in small letters, its name as it was given, and its value.
const placeOf = (fields, key) => {
  for (let at = 0; at < fields.length; at += 3) if (fields[at] === key) return at;
  return -1;
};

proto.setHeader = function setHeader(name, value) {
  if ((this._state & BUILT) !== 0) checkUnsent(this, 'set');
  const { key, bit } = knownNames.get(name) || known(name);
  if (typeof value !== 'number' && !knownValues.has(value)) {
    if (Array.isArray(value)) for (const each of value) validateHeaderValue(name, each);
    else validateHeaderValue(name, value);
  }
  if (bit !== 0) this._state |= bit;
  const fields = this._fields;
  if (fields === null) {
    this._fields = [key, name, value];
    return this;
  }
  const { length } = fields;
  let at = 0;
  while (at < length && fields[at] !== key) at += 3;
  fields[at] = key;
  fields[at + 1] = name;
  fields[at + 2] = value;
  return this;
};

// The same for each property of an object.
proto._setFields = function (headers) {
  const names = Object.keys(headers);
  const { length } = names;
  let at = 0;
  if (this._fields === null) {
    // Most are known, and in small letters, so that none of them is there twice.
    const fields = [];
    for (; at < length; at++) {
      const name = names[at];
      const field = knownNames.get(name);
      if (field === undefined || !field.isKey) break;
      const value = headers[name];
      if (typeof value !== 'number' && !knownValues.has(value)) break;
      fields.push(name, name, value);
      if (field.bit !== 0) this._state |= field.bit;
    }
    if (at > 0) this._fields = fields;
  }
  for (; at < length; at++) if (names[at]) this.setHeader(names[at], headers[names[at]]);
};

proto.setHeaders = function setHeaders(headers) {
  checkUnsent(this, 'set');
  if (!(headers instanceof Map) && !(headers && typeof headers.forEach === 'function')) throw invalidArgType('headers', ['Headers', 'Map'], headers);
  for (const [name, value] of headers) this.setHeader(name, value);
  return this;
};

proto.appendHeader = function appendHeader(name, value) {
  checkUnsent(this, 'append');
  const former = typeof name === 'string' ? this.getHeader(name) : undefined;
  return this.setHeader(name, former === undefined ? value : [].concat(former, value));
};

proto.getHeader = function getHeader(name) {
  if (typeof name !== 'string') throw invalidArgType('name', 'string', name);
  const fields = this._fields;
  if (fields === null) return undefined;
  const key = lower(name);
  for (let at = 0; at < fields.length; at += 3) if (fields[at] === key) return fields[at + 2];
  return undefined;
};
proto.hasHeader = function hasHeader(name) {
  if (typeof name !== 'string') throw invalidArgType('name', 'string', name);
  return this._fields !== null && placeOf(this._fields, lower(name)) >= 0;
};
proto.removeHeader = function removeHeader(name) {
  if (typeof name !== 'string') throw invalidArgType('name', 'string', name);
  checkUnsent(this, 'remove');
  const key = lower(name);
  if (key === 'date') this.sendDate = false;
  const at = this._fields === null ? -1 : placeOf(this._fields, key);
  if (at < 0) return;
  this._fields.splice(at, 3);
  this._state &= ~(BITS[key] || 0);
};
proto.getHeaders = function getHeaders() {
  const headers = Object.create(null);
  const fields = this._fields || [];
  for (let at = 0; at < fields.length; at += 3) headers[fields[at]] = fields[at + 2];
  return headers;
};
proto.getHeaderNames = function getHeaderNames() { return (this._fields || []).filter((each, index) => index % 3 === 0); };
proto.getRawHeaderNames = function getRawHeaderNames() { return (this._fields || []).filter((each, index) => index % 3 === 1); };

proto._fieldLines = function () {
  const fields = this._fields;
  let text = '';
  if (fields === null) return text;
  for (let at = 0; at < fields.length; at += 3) {
    const name = fields[at + 1];
    const value = fields[at + 2];
    if (typeof value !== 'string' && Array.isArray(value)) for (const each of value) text += `${name}: ${each}\r\n`;
    else text += `${name}: ${value}\r\n`;
  }
  return text;
};

// The head as text. What a head lacks that the host counts for is the last line, and the empty one.
proto._headText = function () {
  if (this._last === null) return this._first;
  const text = `${this._first}${this._fieldLines()}${this._last}`;
  return (this._state & COUNTS) !== 0 ? text : `${text}\r\n`;
};

proto.flushHeaders = function flushHeaders() {
  if (!this.headersSent) this._implicitHeader();
  if ((this._state & (HEAD_SENT | COUNTS)) === 0) {
    this._state |= HEAD_SENT;
    this._send(this._headText());
  }
};

proto.addTrailers = function addTrailers(trailers) {
  for (const [name, value] of Array.isArray(trailers) ? trailers : Object.entries(trailers)) {
    validateHeaderName(name, 'Trailer name');
    this._trailer += `${name}: ${value}\r\n`;
  }
};

// A head before bytes goes out as latin1; one before a string goes out with it, as in Node.
const NOTHING = new Uint8Array(0);

// Sends when it is this message's turn on the connection, and keeps it until then.
proto._send = function (first, second, framing = AS_IS) {
  if (this.destroyed) return -1;
  if (this._connection !== null ? this._waits : !this._ready) {
    if (framing < CHUNK) return this._hold(first, second);
    this._hold(`${first}${sizeOf(second).toString(16)}\r\n`, second);
    return this._hold(framing === CHUNK ? '\r\n' : '\r\n0\r\n\r\n');
  }
  return this.socket === null ? -1 : this.socket.writeRaw(first, second, framing);
};

proto._hold = function (first, second) {
  (this._held ||= []).push(first, second);
  return this._heldBytes += sizeOf(first) + (second === undefined ? 0 : sizeOf(second));
};

// Sends the head, and what comes after it in the same piece. Most heads are put together by the host, out of what they are made of.
proto._sendHead = function (second, framing) {
  if (this._last !== null && this._connection !== null && !this._waits && this.socket !== null && !this.destroyed) {
    const kept = this.socket.writeMessage(this._first, this._fields, this._last, second, framing);
    if (kept !== NOT_PLAIN) return kept;
  }
  return this._send(this._headText(), second, framing);
};

// It is this message's turn.
proto._start = function () {
  this._ready = true;
  this._waits = false;
  const held = this._held;
  this._held = null;
  this._heldBytes = 0;
  if (held !== null) for (let i = 0; i < held.length; i += 2) this._send(held[i], held[i + 1]);
  if (this._needsDrain) {
    this._needsDrain = false;
    process.nextTick(() => this.emit('drain'));
  }
};

function prepare(chunk, encoding) {
  if (typeof chunk === 'string') return encoding && encoding !== 'utf8' && encoding !== 'utf-8' ? Buffer.from(chunk, encoding) : chunk;
  if (chunk instanceof Uint8Array) return chunk;
  if (chunk === null) throw coded(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
  throw invalidArgType('chunk', ['string', 'Buffer', 'Uint8Array'], chunk);
}

proto.write = function write(chunk, encoding, callback) {
  if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding];
  const body = prepare(chunk, encoding);
  if ((this._state & ENDED) !== 0 || this.destroyed) {
    const error = this.writableEnded ? coded(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end') : coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed');
    if (callback) process.nextTick(callback, error);
    if (this.writableEnded) process.nextTick(() => this.emit('error', error));
    return false;
  }
  if ((this._state & BUILT) === 0) this._implicitHeader();
  let waiting = 0;
  if (this._hasBody && body.length > 0) {
    const framing = this.chunkedEncoding ? CHUNK : AS_IS;
    if ((this._state & HEAD_SENT) === 0) {
      this._state |= HEAD_SENT;
      waiting = this._sendHead(body, framing);
    } else {
      waiting = framing === CHUNK ? this._send('', body, CHUNK) : this._send(body);
    }
  }
  if (callback) process.nextTick(callback);
  if (waiting > HIGH_WATER_MARK / 4) {
    this._needsDrain = true;
    return false;
  }
  return true;
};

proto.end = function end(chunk, encoding, callback) {
  if (typeof chunk === 'function') [chunk, encoding, callback] = [undefined, undefined, chunk];
  else if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding];
  if ((this._state & ENDED) !== 0) {
    if (callback) {
      const error = coded(Error, 'ERR_STREAM_ALREADY_FINISHED', 'Cannot call end after a stream was finished');
      process.nextTick(callback, this.writableFinished ? error : undefined);
    }
    return this;
  }
  const body = chunk === undefined || chunk === null ? '' : prepare(chunk, encoding);
  if (callback) this.once('finish', callback);
  if ((this._state & BUILT) === 0) {
    // A text is counted by the call that sends it, if that is sure to be the only one.
    bodyLength = typeof body === 'string' && body !== '' && this._connection !== null && !this._waits && this._hasBody ? UNCOUNTED : sizeOf(body);
    lengthOwner = this;
    try {
      this._implicitHeader();
    } finally {
      lengthOwner = null;
    }
  }
  const state = this._state;
  const isFirst = (state & HEAD_SENT) === 0;
  this._state = state | HEAD_SENT | ENDED;
  if (this.chunkedEncoding && this._hasBody) {
    const framing = this._trailer === '' ? LAST_CHUNK : CHUNK;
    if (body.length > 0) {
      if (isFirst) this._sendHead(body, framing);
      else this._send('', body, framing);
      if (framing === CHUNK) this._send(`0\r\n${this._trailer}\r\n`);
    } else {
      this._send(`${isFirst ? this._headText() : ''}0\r\n${this._trailer}\r\n`);
    }
  } else if (body.length > 0 && this._hasBody) {
    if (isFirst) this._sendHead(body, (state & COUNTS) !== 0 ? COUNTED : AS_IS);
    else this._send(body);
  } else if (isFirst) {
    this._sendHead(NOTHING, AS_IS);
  }
  soon(finish, this);
  return this;
};

function finish(message) {
  if ((message._state & FINISHED) !== 0 || message.destroyed) return;
  message._state |= FINISHED;
  if (message._eventsCount > 0) {
    message.emit('prefinish');
    message.emit('finish');
  }
  if (message._onFinish) message._onFinish();
}

proto.destroy = function destroy(error) {
  if (this.destroyed) return this;
  this.destroyed = true;
  this.errored = error || null;
  if (this.socket) this.socket.destroy(error);
  else this.once('socket', (socket) => socket.destroy(error));
  return this;
};

proto.cork = function () { this._corked++; };
proto.uncork = function () { this._corked = Math.max(0, this._corked - 1); };
proto.pipe = function () { this.emit('error', coded(Error, 'ERR_STREAM_CANNOT_PIPE', 'Cannot pipe, not readable')); };
proto._implicitHeader = function () { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _implicitHeader() method is not implemented'); };
proto.setTimeout = function (delay, listener) {
  if (listener) this.on('timeout', listener);
  if (this.socket) this.socket.setTimeout(delay);
  else this.once('socket', (socket) => socket.setTimeout(delay));
  return this;
};

module.exports = {
  OutgoingMessage, UNCOUNTED, BUILT, COUNTS, HAS_DATE, HAS_LENGTH, HAS_CODING, HAS_CONNECTION, HAS_KEEP_ALIVE, HAS_TRAILER, httpDate, datedLines, keepAliveLines, bodyLengthOf, validateHeaderName, validateHeaderValue,
};
