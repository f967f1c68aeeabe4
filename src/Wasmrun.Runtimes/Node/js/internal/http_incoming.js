// Messages that come in: requests at a server, responses at a client. A stream only when somebody reads it as one.
'use strict';

const { Readable } = require('stream');
const { lateEvents } = require('internal/late_events');

const SINGLE = new Set([
  'age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host', 'if-modified-since', 'if-unmodified-since',
  'last-modified', 'location', 'max-forwards', 'proxy-authorization', 'referer', 'retry-after', 'server', 'user-agent',
]);
const lowered = new Map();
const NONE = Object.freeze([]);

function lower(name) {
  let text = lowered.get(name);
  if (text === undefined) {
    text = name.toLowerCase();
    if (lowered.size < 1000) lowered.set(name, text);
  }
  return text;
}

function join(raw) {
  const headers = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = lower(raw[i]);
    const value = raw[i + 1];
    const former = headers[name];
    if (former === undefined) headers[name] = name === 'set-cookie' ? [value] : value;
    else if (name === 'set-cookie') former.push(value);
    else if (!SINGLE.has(name)) headers[name] = former + (name === 'cookie' ? '; ' : ', ') + value;
  }
  return headers;
}

function distinct(raw) {
  const headers = Object.create(null);
  for (let i = 0; i < raw.length; i += 2) (headers[lower(raw[i])] ||= []).push(raw[i + 1]);
  return headers;
}

// Messages with the same lines share the list of them, and what was made of it: each has its own copy, once it is asked for.
function joinShared(raw) {
  const headers = raw.joined || (raw.joined = join(raw));
  return headers['set-cookie'] === undefined ? { ...headers } : join(raw);
}

function IncomingMessage(socket) {
  this.socket = socket;
}
Object.setPrototypeOf(IncomingMessage.prototype, Readable.prototype);
Object.setPrototypeOf(IncomingMessage, Readable);

Object.assign(IncomingMessage.prototype, {
  _isStream: false, _headers: null, _raw: NONE, _rawCopy: null, rawTrailers: NONE, _source: null, httpVersionMajor: 1, httpVersionMinor: 1, httpVersion: '1.1', complete: false,
  joinDuplicateHeaders: false, aborted: false, upgrade: false, url: '', method: null, statusCode: null, statusMessage: null,
});

// The state of the stream is made when it is first asked for: most requests have no body.
Object.defineProperty(IncomingMessage.prototype, '_readableState', {
  configurable: true,
  get() {
    if (this._isStream) return undefined;
    this._isStream = true;
    const events = this._events;
    const count = this._eventsCount;
    const read = this._read;
    Readable.call(this, { autoDestroy: true, emitClose: true });
    this._events = events;
    this._eventsCount = count;
    if (this._read !== read) this._read = read;
    if (this.complete) this.push(null);
    return this._readableState;
  },
  set(value) {
    Object.defineProperty(this, '_readableState', { value, writable: true, configurable: true, enumerable: false });
  },
});

Object.defineProperties(IncomingMessage.prototype, {
  connection: { configurable: true, get() { return this.socket; }, set(value) { this.socket = value; } },
  headers: { configurable: true, enumerable: true, get() { return this._headers || (this._headers = this._raw === NONE || this._raw === this._rawCopy ? join(this._raw) : joinShared(this._raw)); }, set(value) { this._headers = value; } },
  rawHeaders: { configurable: true, enumerable: true, get() { return this._rawCopy || (this._rawCopy = this._raw.slice()); }, set(value) { this._raw = this._rawCopy = value; } },
  _events: lateEvents,
  headersDistinct: { configurable: true, get() { return distinct(this.rawHeaders); } },
  trailers: { configurable: true, get() { return join(this.rawTrailers); } },
  trailersDistinct: { configurable: true, get() { return distinct(this.rawTrailers); } },
});

IncomingMessage.prototype._read = function () {
  if (this._source !== null) this._source.resume();
};

IncomingMessage.prototype._destroy = function (error, done) {
  if (!this.readableEnded || !this.complete) {
    this.aborted = this.aborted || !this.complete;
    if (!this.complete) this.emit('aborted');
  }
  if (this._source !== null && !this.complete && error) this.socket.destroy(error);
  done(error);
};

IncomingMessage.prototype.setTimeout = function (delay, listener) {
  if (listener) this.on('timeout', listener);
  this.socket.setTimeout(delay);
  return this;
};

IncomingMessage.prototype._finish = function () {
  this.complete = true;
  if (this._isStream) this.push(null);
};

// A body that nobody wants is read and forgotten, so that the connection can go on.
IncomingMessage.prototype._dump = function () {
  if (this._isStream ? !this.readableEnded && !this.destroyed : !this.complete) this.resume();
};

module.exports = { IncomingMessage, lower };
