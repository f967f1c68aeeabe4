// The HTTP/1.1 client, with an agent that keeps connections for the next request.
'use strict';

const net = require('net');
const EventEmitter = require('events');
const { coded } = require('internal/errors');
const { host } = internal;
const { IncomingMessage } = require('internal/http_incoming');
const { currentContext } = require('internal/timers');
const { OutgoingMessage, bodyLengthOf } = require('internal/http_outgoing');
const { Parser, TOKEN } = require('internal/http_parser');

class Agent extends EventEmitter {
  constructor(options = {}) {
    super();
    this.options = { ...options };
    this.keepAlive = options.keepAlive === undefined ? false : Boolean(options.keepAlive);
    this.maxSockets = options.maxSockets || Infinity;
    this.maxFreeSockets = options.maxFreeSockets || 256;
    this.defaultPort = 80;
    this.protocol = 'http:';
    this.sockets = Object.create(null);
    this.freeSockets = Object.create(null);
    this.requests = Object.create(null);
  }
  getName(options = {}) { return `${options.host || 'localhost'}:${options.port || ''}:${options.localAddress || ''}`; }
  createConnection(options, callback) { return net.connect(options, callback); }

  addRequest(request, options) {
    const name = this.getName(options);
    let socket;
    while (this.freeSockets[name] && (socket = this.freeSockets[name].pop())) {
      if (!socket.destroyed && socket.writable) break;
      socket = undefined;
    }
    if (socket !== undefined) {
      socket.ref();
      request.reusedSocket = true;
    } else if ((this.sockets[name] || []).length >= this.maxSockets) {
      (this.requests[name] ||= []).push([request, options]);
      return;
    } else {
      socket = this.createConnection(options);
    }
    (this.sockets[name] ||= []).push(socket);
    if (!socket._agentNamed) {
      socket._agentNamed = true;
      socket.once('close', () => this.forget(name, socket));
    }
    socket._agentRelease = (reusable) => this.release(name, socket, reusable);
    process.nextTick(() => request.onSocket(socket));
  }

  release(name, socket, reusable) {
    this.forget(name, socket, true);
    if (reusable && this.keepAlive && !socket.destroyed && (this.freeSockets[name] ||= []).length < this.maxFreeSockets) {
      this.freeSockets[name].push(socket);
      socket._raw = { onData: () => socket.destroy(), onEnd: () => socket.destroy(), onClose: () => {}, onDrain: null };
      socket.unref();
    } else {
      socket.destroySoon();
    }
    this.next(name);
  }
  forget(name, socket, isReleased = false) {
    for (const list of [this.sockets, this.freeSockets]) {
      const at = list[name] ? list[name].indexOf(socket) : -1;
      if (at >= 0) list[name].splice(at, 1);
      if (list[name] && list[name].length === 0) delete list[name];
    }
    if (!isReleased) this.next(name);
  }
  next(name) {
    const waiting = this.requests[name];
    if (waiting && waiting.length > 0 && (this.sockets[name] || []).length < this.maxSockets) this.addRequest(...waiting.shift());
  }
  destroy() {
    for (const list of [this.sockets, this.freeSockets]) for (const name of Object.keys(list)) for (const socket of [...list[name]]) socket.destroy();
  }
}

const globalAgent = new Agent({ keepAlive: true, timeout: 5000 });

function ClientRequest(input, options, listener) {
  OutgoingMessage.call(this);
  if (typeof input === 'string') input = require('url').urlToHttpOptions(new URL(input));
  else if (input instanceof URL) input = require('url').urlToHttpOptions(input);
  else [input, options, listener] = [{}, input, options];
  if (typeof options === 'function') [options, listener] = [{}, options];
  options = { ...input, ...options };
  const agent = options.agent === false ? new Agent() : options.agent || globalAgent;
  const protocol = options.protocol || agent.protocol || 'http:';
  if (protocol !== 'http:') {
    throw coded(TypeError, 'ERR_INVALID_PROTOCOL', `Protocol "${protocol}" not supported. Expected "http:"`);
  }
  this.method = String(options.method || 'GET').toUpperCase();
  if (!TOKEN.test(this.method)) throw coded(TypeError, 'ERR_INVALID_HTTP_TOKEN', `Method must be a valid HTTP token ["${options.method}"]`);
  this.path = options.path || '/';
  if (/[\u0000-\u0020]/.test(this.path)) throw coded(TypeError, 'ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped characters');
  this.host = options.hostname || options.host || 'localhost';
  this.port = Number(options.port || options.defaultPort || agent.defaultPort || 80);
  this.protocol = protocol;
  this.agent = agent;
  this.maxHeaderSize = options.maxHeaderSize;
  this.reusedSocket = false;
  this.res = null;
  this.aborted = false;
  this._parser = null;
  this._context = currentContext();
  this.useChunkedEncodingByDefault = !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'].includes(this.method);
  this.shouldKeepAlive = agent.keepAlive;
  if (listener) this.once('response', listener);
  if (Array.isArray(options.headers)) for (let i = 0; i < options.headers.length; i += 2) this.setHeader(options.headers[i], options.headers[i + 1]);
  else if (options.headers) for (const name of Object.keys(options.headers)) if (options.headers[name] !== undefined) this.setHeader(name, options.headers[name]);
  if (!this.hasHeader('host') && options.setHost !== false) {
    const shown = this.host.includes(':') && !this.host.startsWith('[') ? `[${this.host}]` : this.host;
    this.setHeader('Host', this.port === 80 ? shown : `${shown}:${this.port}`);
  }
  if (options.auth && !this.hasHeader('authorization')) this.setHeader('Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
  if (options.timeout) this.setTimeout(options.timeout);
  if (options.signal) {
    if (options.signal.aborted) process.nextTick(() => this.destroy(abortError(options.signal)));
    else options.signal.addEventListener('abort', () => this.destroy(abortError(options.signal)), { once: true });
  }
  const target = { ...options, host: this.host.replace(/^\[(.*)\]$/, '$1'), port: this.port, path: undefined };
  if (options.createConnection) {
    const socket = options.createConnection(target, (error, made) => (error ? this.destroy(error) : process.nextTick(() => this.onSocket(made))));
    if (socket) process.nextTick(() => this.onSocket(socket));
  } else {
    agent.addRequest(this, target);
  }
}
Object.setPrototypeOf(ClientRequest.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ClientRequest, OutgoingMessage);

function abortError(signal) {
  const error = coded(Error, 'ABORT_ERR', 'The operation was aborted');
  error.name = 'AbortError';
  error.cause = signal.reason;
  return error;
}

const request = ClientRequest.prototype;
request.isClient = true;

request._implicitHeader = function () {
  let head = `${this.method} ${this.path} HTTP/1.1\r\n${this._fieldLines()}`;
  const coding = this.getHeader('transfer-encoding');
  if (coding !== undefined) this.chunkedEncoding = /\bchunked\b/i.test(coding);
  else if (!this.hasHeader('content-length')) {
    const length = bodyLengthOf(this);
    if (length !== undefined) {
      if (length > 0 || this.useChunkedEncodingByDefault) head += `Content-Length: ${length}\r\n`;
    } else {
      this.chunkedEncoding = true;
      head += 'Transfer-Encoding: chunked\r\n';
    }
  }
  const connection = this.getHeader('connection');
  if (connection === undefined) head += `Connection: ${this.shouldKeepAlive ? 'keep-alive' : 'close'}\r\n`;
  else if (/\bclose\b/i.test(connection)) this.shouldKeepAlive = false;
  this._first = head + '\r\n';
  this.headersSent = true;
};

request.onSocket = function (socket) {
  if (this.destroyed) {
    socket.destroy();
    this.close();
    return;
  }
  this.socket = socket;
  this._parser = new Parser(this, this.maxHeaderSize || 16384);
  socket._raw = this;
  this._onError = (error) => this.fail(error);
  socket.on('error', this._onError);
  this.emit('socket', socket);
  const begin = () => {
    host.netRead(socket._handle, true);
    this._start();
  };
  if (this._timeout) socket.setTimeout(this._timeout, () => this.emit('timeout'));
  if (socket.connecting) socket.once('connect', begin);
  else begin();
};

request.onData = function (bytes) {
  try {
    const used = this._parser.execute(bytes);
    if (this._upgrade) {
      const socket = this.socket;
      socket._becomeStream();
      socket.removeListener('error', this._onError);
      if (!this.emit(this._upgrade, this.res, socket, bytes.subarray(used))) socket.destroy();
      else if (!socket.destroyed) socket.read(0);
      this.close();
    }
  } catch (error) {
    if (typeof error.code !== 'string' || !error.code.startsWith('HPE_')) throw error;
    this.fail(error);
    this.socket.destroy();
  }
};

request.onHead = function (head) {
  const line = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(head.line);
  if (line === null) throw coded(Error, 'HPE_INVALID_CONSTANT', 'Parse Error: Expected HTTP/');
  const status = Number(line[2]);
  const response = new IncomingMessage(this.socket);
  Object.assign(response, { statusCode: status, statusMessage: line[3] || '', httpVersionMinor: Number(line[1]), httpVersion: `1.${line[1]}`, _raw: head.raw, req: this });
  if ((status === 101 && head.upgrade && /\bupgrade\b/.test(head.connection)) || (this.method === 'CONNECT' && status < 300)) {
    this.res = response;
    response.upgrade = true;
    response._finish();
    this._upgrade = this.method === 'CONNECT' ? 'connect' : 'upgrade';
    return 'upgrade';
  }
  if (status < 200 && status !== 101) {
    if (status === 100) this.emit('continue');
    this.emit('information', { statusCode: status, statusMessage: response.statusMessage, headers: response.headers, rawHeaders: response.rawHeaders, httpVersion: response.httpVersion });
    this._interim = true;
    return 'none';
  }
  this.res = response;
  response._source = this;
  this._keep = this.shouldKeepAlive && !/\bclose\b/.test(head.connection) && (line[1] === '1' || /\bkeep-alive\b/.test(head.connection));
  const isEmpty = this.method === 'HEAD' || status === 101 || status === 204 || status === 304;
  if (!isEmpty && !head.chunked && head.length === undefined) this._keep = false;
  if (!this.emit('response', response)) response._dump();
  return isEmpty ? 'none' : 'close';
};
request.onBody = function (bytes) {
  if (!this.res.push(bytes)) host.netRead(this.socket._handle, false);
};
request.onTrailers = function (raw) { this.res.rawTrailers = raw; };
request.onMessageEnd = function () {
  if (this._interim) {
    this._interim = false;
    return;
  }
  this.res._finish();
  const socket = this.socket;
  socket.removeListener('error', this._onError);
  socket._raw = { onData: () => socket.destroy(), onEnd: () => socket.destroy(), onClose: () => {}, onDrain: null };
  socket.setTimeout(0);
  const reusable = this._keep && this.writableEnded;
  if (socket._agentRelease) socket._agentRelease(reusable);
  else socket.destroySoon();
  this.close();
};
request.resume = function () {
  if (this.socket && this.socket._handle !== 0 && this.socket._raw === this) host.netRead(this.socket._handle, true);
};
request.onEnd = function () {
  if (this._parser.finish() && this.res !== null) return;
  this.socket.destroy();
};
request.onDrain = function () {
  if (this._needsDrain) {
    this._needsDrain = false;
    this.emit('drain');
  }
};
request.onClose = function (error) {
  if (this.res !== null && !this.res.complete) {
    this.res.aborted = true;
    this.res.destroy(coded(Error, 'ECONNRESET', 'aborted'));
  } else if (this.res === null && !this._failed) {
    this.fail(error || this.errored || coded(Error, 'ECONNRESET', 'socket hang up'));
  }
  this.close();
};
request.fail = function (error) {
  if (this._failed) return;
  this._failed = true;
  if (!this.res) process.nextTick(() => this.emit('error', error));
};
request.close = function () {
  if (this._closed) return;
  this._closed = true;
  this.destroyed = true;
  process.nextTick(() => this.emit('close'));
};
request.destroy = function (error) {
  if (this.destroyed) return this;
  this.destroyed = true;
  this.errored = error || null;
  if (this.res) this.res._dump();
  if (this.socket) this.socket.destroy(error);
  else {
    this.fail(error || coded(Error, 'ECONNRESET', 'socket hang up'));
    this.close();
  }
  return this;
};
request.abort = function () {
  if (this.aborted) return;
  this.aborted = true;
  process.nextTick(() => this.emit('abort'));
  this.destroy();
};
request.setTimeout = function (delay, listener) {
  this._timeout = delay;
  if (listener) this.once('timeout', listener);
  if (this.socket) this.socket.setTimeout(delay, () => this.emit('timeout'));
  return this;
};
request.setNoDelay = request.setSocketKeepAlive = function () {};
request.clearTimeout = function (listener) { return this.setTimeout(0, listener); };

module.exports = { Agent, ClientRequest, globalAgent };
