// The HTTP/1.1 server and its responses.
'use strict';

const net = require('net');
const { coded } = require('internal/errors');
const { IncomingMessage } = require('internal/http_incoming');
const {
  OutgoingMessage, UNCOUNTED, BUILT, COUNTS, HAS_DATE, HAS_LENGTH, HAS_CODING, HAS_CONNECTION, HAS_KEEP_ALIVE, HAS_TRAILER, httpDate, datedLines, keepAliveLines, bodyLengthOf,
} = require('internal/http_outgoing');
const { Connection } = require('internal/http_connection');
const { clock, isLeaving } = require('internal/timers');
const { STATUS_CODES } = require('internal/http_codes');

const SHORTEST_WATCH = 5;
const LONGEST_WATCH = 500;
const LOOKS = 8;

function ServerResponse(request, options) {
  this.req = request;
  if (request.method === 'HEAD') this._hasBody = false;
  if (request.httpVersionMinor < 1) this.useChunkedEncodingByDefault = false;
}
Object.setPrototypeOf(ServerResponse.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ServerResponse, OutgoingMessage);

const response = ServerResponse.prototype;
response.statusCode = 200;
// Told when the head is made, as in Node; the usual one takes no room.
response._message = undefined;
Object.defineProperty(response, 'statusMessage', {
  configurable: true,
  enumerable: true,
  get() { return this._message !== undefined || !this.headersSent ? this._message : STATUS_CODES[this.statusCode] || 'unknown'; },
  set(message) { this._message = message; },
});
response.sendDate = true;

response.assignSocket = function (socket) {
  this.socket = socket;
  this._ready = true;
  this.emit('socket', socket);
};
response.detachSocket = function () { this.socket = null; };
response.writeContinue = function (callback) {
  this._send('HTTP/1.1 100 Continue\r\n\r\n');
  this._continued = true;
  if (callback) process.nextTick(callback);
};
response.writeProcessing = function () { this._send('HTTP/1.1 102 Processing\r\n\r\n'); };
response.writeEarlyHints = function (hints, callback) {
  let text = 'HTTP/1.1 103 Early Hints\r\n';
  for (const [name, value] of Object.entries(hints)) for (const each of [].concat(value)) text += `${name}: ${each}\r\n`;
  this._send(text + '\r\n');
  if (callback) process.nextTick(callback);
};
response._implicitHeader = function () { this.writeHead(this.statusCode); };

response.writeHead = function (status, reason, headers) {
  if ((this._state & BUILT) !== 0) throw coded(Error, 'ERR_HTTP_HEADERS_SENT', 'Cannot write headers after they are sent to the client');
  const original = status;
  status |= 0;
  if (status < 100 || status > 999) throw coded(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${original}`);
  if (typeof reason === 'string') this.statusMessage = reason;
  else headers ??= reason;
  if (this.statusCode !== status) this.statusCode = status;
  if (this._message !== undefined && /[^\t\u0020-\u007e\u0080-\u00ff]/.test(this._message)) throw coded(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in statusMessage');
  if (Array.isArray(headers)) {
    if (headers.length > 0 && Array.isArray(headers[0])) headers = headers.flat();
    if (headers.length % 2 !== 0) throw require('internal/errors').invalidArgValue('headers', headers);
    for (let i = 0; i < headers.length; i += 2) this.removeHeader(String(headers[i]));
    for (let i = 0; i < headers.length; i += 2) this.appendHeader(String(headers[i]), headers[i + 1]);
  } else if (headers) {
    this._setFields(headers);
  }
  this._build();
  return this;
};
response.writeHeader = response.writeHead;

// The first line of a head by its code, with the usual reason.
const statusLines = [];

response._build = function () {
  const status = this.statusCode;
  const isEmpty = status === 204 || status === 304 || status < 200;
  if (isEmpty) this._hasBody = false;
  const message = this._message;
  this._first = message ? `HTTP/1.1 ${status} ${message}\r\n` : statusLines[status] || (statusLines[status] = `HTTP/1.1 ${status} ${STATUS_CODES[status] || 'unknown'}\r\n`);
  let { _state: state } = this;
  let framing = '';
  if ((state & HAS_CODING) !== 0) {
    this.chunkedEncoding = /\bchunked\b/i.test(this.getHeader('transfer-encoding')) && !isEmpty;
  } else if ((state & HAS_LENGTH) === 0 && !isEmpty) {
    const length = bodyLengthOf(this);
    if (length !== undefined && (state & HAS_TRAILER) === 0 && this._trailer === '') {
      if (length === UNCOUNTED) state |= COUNTS;
      else if (this._hasBody || length > 0) framing = `Content-Length: ${length}\r\n`;
    } else if (this.useChunkedEncodingByDefault) {
      this.chunkedEncoding = true;
      framing = 'Transfer-Encoding: chunked\r\n';
    } else {
      this.shouldKeepAlive = false;
    }
  }
  const isDated = this.sendDate && (state & HAS_DATE) === 0;
  const connection = this._connection;
  if (connection !== null && isLeaving()) this.shouldKeepAlive = false;
  const timeout = connection === null ? 5000 : connection.server.keepAliveTimeout;
  let last;
  if ((state & (HAS_CONNECTION | HAS_KEEP_ALIVE)) === 0 && isDated && this.shouldKeepAlive) {
    last = datedLines(timeout);
  } else {
    last = isDated ? `Date: ${httpDate()}\r\n` : '';
    if ((state & HAS_CONNECTION) !== 0) {
      if (/\bclose\b/i.test(this.getHeader('connection'))) this.shouldKeepAlive = false;
    } else if (!this.shouldKeepAlive) last += 'Connection: close\r\n';
    else last += (state & HAS_KEEP_ALIVE) === 0 ? keepAliveLines(timeout) : 'Connection: keep-alive\r\n';
  }
  this._last = framing === '' ? last : last + framing;
  this._state = state | BUILT;
};

response._onFinish = function () {
  if (this._connection !== null) this._connection.finished(this);
};

class Server extends net.Server {
  constructor(options, listener) {
    if (typeof options === 'function') [options, listener] = [{}, options];
    options = options || {};
    super({ allowHalfOpen: true, ...options });
    this._IncomingMessage = options.IncomingMessage || IncomingMessage;
    this._ServerResponse = options.ServerResponse || ServerResponse;
    this._isClosing = false;
    this.httpAllowHalfOpen = false;
    this._watcher = null;
    this._enough = Infinity;
    this.maxHeaderSize = options.maxHeaderSize || 16384;
    this.keepAliveTimeout = options.keepAliveTimeout === undefined ? 5000 : options.keepAliveTimeout;
    this.headersTimeout = options.headersTimeout === undefined ? 60000 : options.headersTimeout;
    this.requestTimeout = options.requestTimeout === undefined ? 300000 : options.requestTimeout;
    this.requireHostHeader = options.requireHostHeader !== false;
    this.timeout = 0;
    this.maxHeadersCount = null;
    this.maxRequestsPerSocket = 0;
    if (listener) this.on('request', listener);
    this.on('connection', (socket) => {
      if (this.timeout > 0) {
        socket.setTimeout(this.timeout);
        socket.on('timeout', () => { if (!this.emit('timeout', socket)) socket.destroy(); });
      }
      new Connection(this, socket);
    });
  }
  // Looks for connections that have had their time, as often as the shortest of the times asks for.
  _watch(delay) {
    const period = Math.min(LONGEST_WATCH, Math.max(SHORTEST_WATCH, delay / LOOKS));
    if (this._watcher !== null) clearInterval(this._watcher);
    this._enough = period === SHORTEST_WATCH ? 0 : period * LOOKS;
    this._watcher = setInterval(() => {
      const now = clock();
      for (const socket of this._connections) {
        const connection = socket._raw;
        if (connection !== null && connection.deadline > 0 && connection.deadline <= now) connection.expire();
      }
      if (this._connections.size === 0) {
        clearInterval(this._watcher);
        this._watcher = null;
        this._enough = Infinity;
      }
    }, period).unref();
  }
  setTimeout(delay, listener) {
    this.timeout = delay;
    if (listener) this.on('timeout', listener);
    return this;
  }
  close(listener) {
    this._isClosing = true;
    super.close(listener);
    this.closeIdleConnections();
    return this;
  }
  closeAllConnections() { for (const socket of this._connections) socket.destroy(); }
  closeIdleConnections() {
    for (const socket of this._connections) if (socket._raw !== null && socket._raw.isIdle) socket.destroy();
  }
}

module.exports = { Server, ServerResponse };
