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

// Answers the name in small letters.
function validateHeaderName(name, label = 'Header name') {
  let key = knownNames.get(name);
  if (key !== undefined) return key;
  if (typeof name !== 'string' || !TOKEN.test(name)) throw coded(TypeError, 'ERR_INVALID_HTTP_TOKEN', `${label} must be a valid HTTP token ["${name}"]`);
  key = name.toLowerCase();
  if (knownNames.size < MOST_KNOWN) knownNames.set(name, key);
  return key;
}

function validateHeaderValue(name, value) {
  if (typeof value === 'number' || knownValues.has(value)) return;
  if (value === undefined) throw coded(TypeError, 'ERR_HTTP_INVALID_HEADER_VALUE', `Invalid value "undefined" for header "${name}"`);
  if (BAD_VALUE.test(value)) throw coded(TypeError, 'ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`);
  if (typeof value === 'string' && value.length <= LONGEST_KNOWN && knownValues.size < MOST_KNOWN) knownValues.add(value);
}

const sizeOf = (chunk) => (typeof chunk !== 'string' ? chunk.length : chunk === '' ? 0 : host.byteLength(chunk));

function OutgoingMessage() {
  this._fields = { __proto__: null };
}
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

// How each message begins: most are done before many of these have changed.
Object.assign(proto, {
  _state: 0, _head: null, _trailer: '', _held: null, _heldBytes: 0, _ready: false, _waits: false, _needsDrain: false, _corked: 0, _connection: null, socket: null,
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
  _header: { configurable: true, get() { return this._head; } },
});

function checkUnsent(message, action) {
  if (message.headersSent) throw coded(Error, 'ERR_HTTP_HEADERS_SENT', `Cannot ${action} headers after they are sent to the client`);
}

proto.setHeader = function setHeader(name, value) {
  if ((this._state & BUILT) !== 0) checkUnsent(this, 'set');
  const key = knownNames.get(name) || validateHeaderName(name);
  if (typeof value !== 'number' && !knownValues.has(value)) {
    if (Array.isArray(value)) for (const each of value) validateHeaderValue(name, each);
    else validateHeaderValue(name, value);
  }
  this._fields[key] = [name, value];
  return this;
};

proto.setHeaders = function setHeaders(headers) {
  checkUnsent(this, 'set');
  if (!(headers instanceof Map) && !(headers && typeof headers.forEach === 'function')) throw invalidArgType('headers', ['Headers', 'Map'], headers);
  for (const [name, value] of headers) this.setHeader(name, value);
  return this;
};

proto.appendHeader = function appendHeader(name, value) {
  checkUnsent(this, 'append');
  const former = this._fields[lower(name)];
  return this.setHeader(name, former === undefined ? value : [].concat(former[1], value));
};

proto.getHeader = function getHeader(name) {
  if (typeof name !== 'string') throw invalidArgType('name', 'string', name);
  const field = this._fields[lower(name)];
  return field === undefined ? undefined : field[1];
};
proto.hasHeader = function hasHeader(name) {
  if (typeof name !== 'string') throw invalidArgType('name', 'string', name);
  return this._fields[lower(name)] !== undefined;
};
proto.removeHeader = function removeHeader(name) {
  if (typeof name !== 'string') throw invalidArgType('name', 'string', name);
  checkUnsent(this, 'remove');
  if (lower(name) === 'date') this.sendDate = false;
  delete this._fields[lower(name)];
};
proto.getHeaders = function getHeaders() {
  const headers = Object.create(null);
  for (const name in this._fields) headers[name] = this._fields[name][1];
  return headers;
};
proto.getHeaderNames = function getHeaderNames() { return Object.keys(this._fields); };
proto.getRawHeaderNames = function getRawHeaderNames() { return Object.values(this._fields).map((field) => field[0]); };

proto._fieldLines = function () {
  const fields = this._fields;
  let text = '';
  for (const name in fields) {
    const field = fields[name];
    const value = field[1];
    if (typeof value !== 'string' && Array.isArray(value)) for (const each of value) text += `${field[0]}: ${each}\r\n`;
    else text += `${field[0]}: ${value}\r\n`;
  }
  return text;
};

proto.flushHeaders = function flushHeaders() {
  if (!this.headersSent) this._implicitHeader();
  if ((this._state & (HEAD_SENT | COUNTS)) === 0) {
    this._state |= HEAD_SENT;
    this._send(this._head);
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

// Sends when it is this message's turn on the connection, and keeps it until then. A head that "counts" still needs the length of what follows it.
proto._send = function (first, second, counts) {
  if (this.destroyed) return -1;
  if (this._connection !== null ? this._waits : !this._ready) {
    (this._held ||= []).push(first, second);
    this._heldBytes += sizeOf(first) + (second === undefined ? 0 : sizeOf(second));
    return this._heldBytes;
  }
  return this.socket === null ? -1 : this.socket.writeRaw(first, second, counts);
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
    const head = (this._state & HEAD_SENT) !== 0 ? '' : this._head;
    this._state |= HEAD_SENT;
    if (this.chunkedEncoding) {
      this._send(`${head}${sizeOf(body).toString(16)}\r\n`, body);
      waiting = this._send('\r\n');
    } else {
      waiting = head === '' ? this._send(body) : this._send(head, body);
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
  const head = (state & HEAD_SENT) !== 0 ? '' : this._head;
  this._state = state | HEAD_SENT | ENDED;
  if (this.chunkedEncoding && this._hasBody) {
    const size = sizeOf(body);
    if (size > 0) {
      this._send(`${head}${size.toString(16)}\r\n`, body);
      this._send(`\r\n0\r\n${this._trailer}\r\n`);
    } else {
      this._send(`${head}0\r\n${this._trailer}\r\n`);
    }
  } else if (body.length > 0 && this._hasBody) {
    if (head === '') this._send(body);
    else this._send(head, body, (state & COUNTS) !== 0);
  } else if (head !== '') {
    this._send(head, NOTHING);
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

module.exports = { OutgoingMessage, UNCOUNTED, BUILT, COUNTS, httpDate, datedLines, keepAliveLines, bodyLengthOf, validateHeaderName, validateHeaderValue };
