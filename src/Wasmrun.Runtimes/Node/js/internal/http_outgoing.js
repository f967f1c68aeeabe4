// Messages that go out: responses of a server, requests of a client. Head and body leave in one piece where they can.
'use strict';

const { host } = internal;
const EventEmitter = require('events');
const { Stream } = require('stream');
const { coded, invalidArgType } = require('internal/errors');
const { lower } = require('internal/http_incoming');
const { clock } = require('internal/timers');
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
  EventEmitter.init.call(this);
  this._fields = { __proto__: null };
  this._connection = null;
  this.socket = null;
}
Object.setPrototypeOf(OutgoingMessage.prototype, Stream.prototype);
Object.setPrototypeOf(OutgoingMessage, Stream);

const proto = OutgoingMessage.prototype;

// How each message begins: most are done before many of these have changed.
Object.assign(proto, {
  _head: null, _trailer: '', _held: null, _heldBytes: 0, _ready: false, _needsDrain: false, _bodyLength: undefined, _counts: false, _corked: 0, _closed: false,
  chunkedEncoding: false, _hasBody: true, headersSent: false, finished: false, writableEnded: false, writableFinished: false, destroyed: false, errored: null,
  sendDate: false, shouldKeepAlive: true, useChunkedEncodingByDefault: true, strictContentLength: false, writable: true,
});

Object.defineProperties(proto, {
  connection: { configurable: true, get() { return this.socket; }, set(value) { this.socket = value; } },
  writableLength: { configurable: true, get() { return this._heldBytes; } },
  writableHighWaterMark: { configurable: true, get: () => HIGH_WATER_MARK },
  writableObjectMode: { configurable: true, get: () => false },
  writableCorked: { configurable: true, get() { return this._corked; } },
  writableNeedDrain: { configurable: true, get() { return !this.destroyed && !this.finished && this._needsDrain; } },
  closed: { configurable: true, get() { return this._closed; } },
  _header: { configurable: true, get() { return this._head; } },
});

function checkUnsent(message, action) {
  if (message.headersSent) throw coded(Error, 'ERR_HTTP_HEADERS_SENT', `Cannot ${action} headers after they are sent to the client`);
}

proto.setHeader = function setHeader(name, value) {
  if (this.headersSent) checkUnsent(this, 'set');
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
  if (this._head !== '' && !this._counts) {
    this._send(this._head);
    this._head = '';
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
  if (!this._ready) {
    (this._held ||= []).push(first, second);
    this._heldBytes += sizeOf(first) + (second === undefined ? 0 : sizeOf(second));
    return this._heldBytes;
  }
  return this.socket === null ? -1 : this.socket.writeRaw(first, second, counts);
};

// It is this message's turn.
proto._start = function () {
  this._ready = true;
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
  if (this.writableEnded || this.destroyed) {
    const error = this.writableEnded ? coded(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end') : coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed');
    if (callback) process.nextTick(callback, error);
    if (this.writableEnded) process.nextTick(() => this.emit('error', error));
    return false;
  }
  if (!this.headersSent) this._implicitHeader();
  let waiting = 0;
  if (this._hasBody && body.length > 0) {
    const head = this._head;
    this._head = '';
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
  if (this.writableEnded) {
    if (callback) {
      const error = coded(Error, 'ERR_STREAM_ALREADY_FINISHED', 'Cannot call end after a stream was finished');
      process.nextTick(callback, this.writableFinished ? error : undefined);
    }
    return this;
  }
  const body = chunk === undefined || chunk === null ? '' : prepare(chunk, encoding);
  if (callback) this.once('finish', callback);
  if (!this.headersSent) {
    // A text is counted by the call that sends it, if that is sure to be the only one.
    this._bodyLength = this._ready && this._hasBody && this._connection !== null && typeof body === 'string' && body !== '' ? UNCOUNTED : sizeOf(body);
    this._implicitHeader();
  }
  const head = this._head;
  this._head = '';
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
    else this._send(head, body, this._counts);
  } else if (head !== '') {
    this._send(head, NOTHING);
  }
  this.finished = true;
  this.writableEnded = true;
  this.writable = false;
  process.nextTick(finish, this);
  return this;
};

function finish(message) {
  if (message.writableFinished || message.destroyed) return;
  message.writableFinished = true;
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

module.exports = { OutgoingMessage, UNCOUNTED, httpDate, validateHeaderName, validateHeaderValue };
