// The HTTP/1.1 server: connections with keep-alive and pipelining, answers in the order of the questions.
'use strict';

const net = require('net');
const { coded } = require('internal/errors');
const { IncomingMessage } = require('internal/http_incoming');
const { OutgoingMessage, httpDate } = require('internal/http_outgoing');
const { Parser, parseError, TOKEN } = require('internal/http_parser');
const { host } = internal;
const { STATUS_CODES } = require('internal/http_codes');

const MAX_PIPELINED = 64;

function ServerResponse(request, options) {
  OutgoingMessage.call(this);
  this.req = request;
  this.statusCode = 200;
  this.statusMessage = undefined;
  this.sendDate = true;
  if (request.method === 'HEAD') this._hasBody = false;
  if (request.httpVersionMinor < 1) this.useChunkedEncodingByDefault = false;
}
Object.setPrototypeOf(ServerResponse.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ServerResponse, OutgoingMessage);

const response = ServerResponse.prototype;

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
  if (this.headersSent) throw coded(Error, 'ERR_HTTP_HEADERS_SENT', 'Cannot write headers after they are sent to the client');
  const original = status;
  status |= 0;
  if (status < 100 || status > 999) throw coded(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${original}`);
  if (typeof reason === 'string') this.statusMessage = reason;
  else {
    this.statusMessage ||= STATUS_CODES[status] || 'unknown';
    headers ??= reason;
  }
  this.statusCode = status;
  if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(this.statusMessage)) throw coded(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in statusMessage');
  if (Array.isArray(headers)) {
    if (headers.length > 0 && Array.isArray(headers[0])) headers = headers.flat();
    if (headers.length % 2 !== 0) throw require('internal/errors').invalidArgValue('headers', headers);
    for (let i = 0; i < headers.length; i += 2) this.removeHeader(String(headers[i]));
    for (let i = 0; i < headers.length; i += 2) this.appendHeader(String(headers[i]), headers[i + 1]);
  } else if (headers) {
    for (const name of Object.keys(headers)) if (name) this.setHeader(name, headers[name]);
  }
  this._build();
  return this;
};
response.writeHeader = response.writeHead;

response._build = function () {
  const status = this.statusCode;
  const fields = this._fields;
  const isEmpty = status === 204 || status === 304 || (status >= 100 && status <= 199);
  if (isEmpty) this._hasBody = false;
  let head = `HTTP/1.1 ${status} ${this.statusMessage}\r\n${this._fieldLines()}`;
  if (this.sendDate && fields.date === undefined) head += `Date: ${httpDate()}\r\n`;
  let framing = '';
  if (fields['transfer-encoding'] !== undefined) {
    this.chunkedEncoding = /\bchunked\b/i.test(fields['transfer-encoding'][1]) && !isEmpty;
  } else if (fields['content-length'] === undefined && !isEmpty) {
    if (this._bodyLength !== undefined && this._trailer === '' && fields.trailer === undefined) {
      if (this._hasBody || this._bodyLength > 0) framing = `Content-Length: ${this._bodyLength}\r\n`;
    } else if (this.useChunkedEncodingByDefault) {
      this.chunkedEncoding = true;
      framing = 'Transfer-Encoding: chunked\r\n';
    } else {
      this.shouldKeepAlive = false;
    }
  }
  if (fields.connection !== undefined) {
    if (/\bclose\b/i.test(fields.connection[1])) this.shouldKeepAlive = false;
  } else if (this.shouldKeepAlive) {
    const seconds = Math.floor(this._connection === null ? 5 : this._connection.server.keepAliveTimeout / 1000);
    head += `Connection: keep-alive\r\n${seconds > 0 && fields['keep-alive'] === undefined ? `Keep-Alive: timeout=${seconds}\r\n` : ''}`;
  } else {
    head += 'Connection: close\r\n';
  }
  this._head = `${head}${framing}\r\n`;
  this.headersSent = true;
};

response._onFinish = function () {
  if (this._connection !== null) this._connection.finished(this);
};

class Connection {
  constructor(server, socket) {
    this.server = server;
    this.socket = socket;
    this.parser = new Parser(this, server.maxHeaderSize);
    this.request = null;
    this.queue = [];
    this.waiting = [];
    this.requests = 0;
    this.inputEnded = false;
    this.isPaused = false;
    this.closing = false;
    this.upgraded = false;
    this.timer = null;
    socket._raw = this;
    socket.on('error', (error) => {
      if (!this.upgraded && !server.emit('clientError', error, socket)) socket.destroy();
    });
    this.startTimer(server.headersTimeout);
    host.netRead(socket._handle, true);
  }

  startTimer(delay) {
    this.stopTimer();
    if (delay > 0) {
      this.timer = setTimeout(() => {
        if (this.queue.length > 0 && this.request === null) return;
        if (this.requests > 0 && this.request === null && this.parser.pending === '') this.socket.destroy();
        else this.fail(coded(Error, 'ERR_HTTP_REQUEST_TIMEOUT', 'Request timeout'));
      }, delay).unref();
    }
  }
  stopTimer() {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  onData(bytes) {
    if (this.parser.stopped) {
      this.waiting.push(bytes);
      return;
    }
    try {
      const used = this.parser.execute(bytes);
      if (this.upgraded) this.handOver(bytes.subarray(used));
      else if (used < bytes.length) this.waiting.push(bytes.subarray(used));
    } catch (error) {
      if (typeof error.code !== 'string' || !error.code.startsWith('HPE_')) throw error;
      error.rawPacket = bytes;
      this.fail(error);
    }
  }

  fail(error) {
    this.parser.stopped = true;
    if (this.server.listenerCount('clientError') > 0) {
      this.socket.on('error', () => {});
      this.server.emit('clientError', error, this.socket);
      return;
    }
    if (this.queue.length === 0 || !this.queue[0].headersSent) {
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
      this.socket.writeRaw(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    }
    this.socket.destroy();
  }

  onHead(head) {
    const first = head.line.indexOf(' ');
    const last = head.line.lastIndexOf(' ');
    const version = /^HTTP\/1\.([01])$/.exec(head.line.slice(last + 1));
    const url = head.line.slice(first + 1, last);
    if (first <= 0 || last <= first || version === null || !TOKEN.test(head.line.slice(0, first)) || url === '' || /[\u0000-\u0020\u007f]/.test(url)) {
      throw parseError(version === null && first > 0 ? 'HPE_INVALID_VERSION' : 'HPE_INVALID_METHOD', version === null && first > 0 ? 'Invalid HTTP version' : 'Invalid method encountered');
    }
    const method = head.line.slice(0, first);
    if (!METHOD_SET.has(method)) throw parseError('HPE_INVALID_METHOD', 'Invalid method encountered');
    const minor = Number(version[1]);
    if (head.hosts > 1) throw parseError('HPE_INVALID_HEADER_TOKEN', 'Host header is there twice');
    if (head.chunked && minor === 0) throw parseError('HPE_INVALID_TRANSFER_ENCODING', 'Transfer-Encoding in HTTP/1.0');
    const request = new this.server._IncomingMessage(this.socket);
    request.method = method;
    request.url = url;
    request.httpVersionMinor = minor;
    request.httpVersion = minor === 1 ? '1.1' : '1.0';
    const most = this.server.maxHeadersCount;
    request.rawHeaders = most > 0 && head.raw.length > most * 2 ? head.raw.slice(0, most * 2) : head.raw;
    request._source = this;
    this.requests++;
    this.startTimer(this.server.requestTimeout);
    const wantsUpgrade = method === 'CONNECT' || (head.upgrade && /\bupgrade\b/.test(head.connection));
    if (wantsUpgrade) {
      const event = method === 'CONNECT' ? 'connect' : 'upgrade';
      if (this.server.listenerCount(event) > 0) {
        request.upgrade = true;
        request._finish();
        this.request = request;
        this.upgraded = true;
        this.event = event;
        return 'upgrade';
      }
      if (method === 'CONNECT') {
        this.socket.destroy();
        return 'none';
      }
    }
    this.request = request;
    const answer = new this.server._ServerResponse(request);
    answer._connection = this;
    answer.socket = this.socket;
    const closes = /\bclose\b/.test(head.connection);
    answer.shouldKeepAlive = !closes && (minor === 1 || /\bkeep-alive\b/.test(head.connection));
    const limit = this.server.maxRequestsPerSocket;
    if (limit > 0 && this.requests >= limit) answer.shouldKeepAlive = false;
    this.queue.push(answer);
    if (this.queue.length === 1) answer._ready = true;
    if (this.queue.length >= MAX_PIPELINED) this.pause();
    if (minor === 1 && head.hosts === 0 && this.server.requireHostHeader) {
      answer.shouldKeepAlive = false;
      answer.writeHead(400, { Connection: 'close' });
      answer.end();
      return undefined;
    }
    if (head.expect !== undefined && minor === 1) {
      if (/^100-continue$/i.test(head.expect)) {
        if (this.server.listenerCount('checkContinue') > 0) {
          this.server.emit('checkContinue', request, answer);
          return undefined;
        }
        answer.writeContinue();
      } else if (this.server.listenerCount('checkExpectation') > 0) {
        this.server.emit('checkExpectation', request, answer);
        return undefined;
      } else {
        answer.writeHead(417);
        answer.end();
        return undefined;
      }
    }
    this.server.emit('request', request, answer);
    return undefined;
  }

  onBody(bytes) {
    if (this.request !== null && !this.request.destroyed && !this.request.push(bytes)) this.pause();
  }
  onTrailers(raw) { this.request.rawTrailers = raw; }
  onMessageEnd() {
    const request = this.request;
    this.request = null;
    this.stopTimer();
    if (request !== null) request._finish();
  }

  // No more from the wire until somebody wants it.
  pause() {
    if (!this.isPaused && this.socket._handle !== 0) {
      this.isPaused = true;
      host.netRead(this.socket._handle, false);
    }
  }
  resume() {
    if (this.isPaused && this.socket._handle !== 0) {
      this.isPaused = false;
      host.netRead(this.socket._handle, true);
    }
  }

  // A response has been handed over: the next one has its turn.
  finished(answer) {
    if (this.queue[0] !== answer) {
      answer._isDone = true;
      return;
    }
    this.queue.shift();
    answer._closed = true;
    if (answer.req._source === this && this.request === answer.req && !answer.shouldKeepAlive) this.parser.stopped = true;
    answer.req._dump();
    process.nextTick(() => answer.emit('close'));
    if (!answer.shouldKeepAlive || (this.inputEnded && this.queue.length === 0)) {
      this.stopTimer();
      this.socket.destroySoon();
      return;
    }
    if (this.queue.length > 0) {
      const next = this.queue[0];
      next._start();
      if (next._isDone) this.finished(next);
    } else if (this.request === null) {
      if (this.server._isClosing) this.socket.destroySoon();
      else this.startTimer(this.server.keepAliveTimeout > 0 ? this.server.keepAliveTimeout + 1000 : 0);
    }
    if (this.queue.length < MAX_PIPELINED) this.resume();
  }

  onDrain() {
    const answer = this.queue[0];
    if (answer !== undefined && answer._needsDrain) {
      answer._needsDrain = false;
      answer.emit('drain');
    }
  }

  onEnd() {
    this.inputEnded = true;
    if (!this.parser.finish() && this.request === null && this.queue.length === 0) {
      this.fail(parseError('HPE_INVALID_EOF_STATE', 'Invalid EOF state'));
      return;
    }
    if (this.request !== null) this.abortRequest();
    if (this.queue.length === 0) this.socket.destroySoon();
  }

  abortRequest() {
    const request = this.request;
    this.request = null;
    if (request.destroyed) return;
    request.aborted = true;
    const error = coded(Error, 'ECONNRESET', 'aborted');
    if (request.listenerCount('error') > 0) request.destroy(error);
    else {
      request.emit('aborted');
      request.complete = false;
      if (request._isStream) request.destroy();
      else process.nextTick(() => request.emit('close'));
    }
  }

  onClose() {
    this.stopTimer();
    if (this.request !== null && !this.upgraded) this.abortRequest();
    const answers = this.queue;
    this.queue = [];
    for (const answer of answers) {
      if (!answer._closed) {
        answer.destroyed = true;
        answer._closed = true;
        answer.emit('close');
        if (answer.req.complete && !answer.req._isStream) answer.req.emit('close');
      }
    }
  }

  // The connection is the program's own from now on.
  handOver(rest) {
    this.stopTimer();
    const socket = this.socket;
    socket._raw = null;
    socket.removeAllListeners('error');
    const request = this.request;
    this.request = null;
    host.netRead(socket._handle, false);
    socket._reading = false;
    this.server.emit(this.event, request, socket, rest);
    if (!socket.destroyed) socket.read(0);
  }

  get isIdle() { return this.queue.length === 0 && this.request === null; }
}

class Server extends net.Server {
  constructor(options, listener) {
    if (typeof options === 'function') [options, listener] = [{}, options];
    options = options || {};
    super({ allowHalfOpen: true, ...options });
    this._IncomingMessage = options.IncomingMessage || IncomingMessage;
    this._ServerResponse = options.ServerResponse || ServerResponse;
    this._isClosing = false;
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

const METHOD_SET = new Set(require('internal/http_codes').METHODS);

module.exports = { Server, ServerResponse };
