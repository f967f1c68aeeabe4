'use strict';

const { host } = internal;
const EventEmitter = require('events');
const { handles, keepAlive, currentContext } = require('internal/timers');
const { DESCRIPTIONS, coded } = require('internal/errors');
const { Socket, failure, ACCEPTED } = require('internal/net_socket');

class Server extends EventEmitter {
  constructor(options, listener) {
    super();
    if (typeof options === 'function') [options, listener] = [{}, options];
    this._options = options || {};
    this._handle = 0;
    this._connections = new Set();
    this._counted = false;
    this._closing = false;
    this.listening = false;
    this.maxConnections = undefined;
    this.allowHalfOpen = Boolean(this._options.allowHalfOpen);
    this.pauseOnConnect = Boolean(this._options.pauseOnConnect);
    if (listener) this.on('connection', listener);
  }

  listen(...args) {
    const listener = typeof args[args.length - 1] === 'function' ? args.pop() : null;
    let [options] = args;
    if (options === null || typeof options !== 'object') {
      if (typeof options === 'string' && !/^\d+$/.test(options)) options = { path: options };
      else options = { port: options, host: typeof args[1] === 'string' ? args[1] : undefined };
    }
    if (options.path) throw require('internal/errors').refused('listening on a path', 'a guest listens on ports');
    if (this.listening || this._handle !== 0) throw coded(Error, 'ERR_SERVER_ALREADY_LISTEN', 'Listen method has been called more than once without closing.');
    const port = options.port === undefined || options.port === null ? 0 : Number(options.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw coded(RangeError, 'ERR_SOCKET_BAD_PORT', `options.port should be >= 0 and < 65536. Received type ${typeof options.port} (${require('internal/inspect').inspect(options.port)}).`);
    }
    if (listener !== null) this.once('listening', listener);
    if (options.signal) options.signal.addEventListener('abort', () => this.close(), { once: true });
    try {
      this._handle = host.netListen(options.host || '', port);
    } catch (error) {
      const address = options.host || '::';
      const failed = failure(error.code, 'listen', address, port);
      failed.message = `listen ${error.code}: ${DESCRIPTIONS[error.code] || error.message} ${address}:${port}`;
      process.nextTick(() => this.emit('error', failed));
      return this;
    }
    this._closing = false;
    this.listening = true;
    this._context = currentContext();
    handles.set(this._handle, this);
    this.ref();
    process.nextTick(() => { if (this._handle !== 0) this.emit('listening'); });
    return this;
  }

  onEvent(kind, handle) {
    if (kind !== ACCEPTED) return;
    if (this.maxConnections !== undefined && this._connections.size >= this.maxConnections) {
      host.netClose(handle, false);
      this.emit('drop', {});
      return;
    }
    const socket = new Socket({ allowHalfOpen: this.allowHalfOpen, _handle: handle });
    socket.server = socket._server = this;
    this._connections.add(socket);
    this.emit('connection', socket);
    if (socket._raw === null && !this.pauseOnConnect && !socket.destroyed) socket.read(0);
  }

  _gone(socket) {
    this._connections.delete(socket);
    this._finishClose();
  }

  _finishClose() {
    if (this._closing && this._handle === 0 && this._connections.size === 0) {
      this._closing = false;
      process.nextTick(() => this.emit('close'));
    }
  }

  address() {
    if (this._handle === 0) return null;
    const [address, port, family] = host.netAddress(this._handle, false).split(' ');
    return { address, family, port: Number(port) };
  }

  close(listener) {
    if (this._handle === 0) {
      if (listener) process.nextTick(listener, coded(Error, 'ERR_SERVER_NOT_RUNNING', 'Server is not running.'));
      return this;
    }
    if (listener) this.once('close', () => listener());
    handles.delete(this._handle);
    host.netClose(this._handle, false);
    this.unref();
    this._handle = 0;
    this._closing = true;
    this.listening = false;
    this._finishClose();
    return this;
  }

  getConnections(callback) {
    process.nextTick(callback, null, this._connections.size);
    return this;
  }
  get connections() { return this._connections.size; }
  ref() {
    if (this._handle !== 0 && !this._counted) {
      this._counted = true;
      keepAlive(1);
    }
    return this;
  }
  unref() {
    if (this._counted) {
      this._counted = false;
      keepAlive(-1);
    }
    return this;
  }
  [Symbol.asyncDispose]() { return new Promise((resolve) => this.close(resolve)); }
}

const IPV4 = /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(?!$)|$)){4}$/;

function isIPv6(text) {
  const zone = String(text).replace(/%[0-9a-zA-Z.-]+$/, '');
  return zone.includes(':') && /^[0-9a-fA-F:.]+$/.test(zone) && URL.canParse(`http://[${zone}]/`);
}

function isIP(text) {
  return IPV4.test(String(text)) ? 4 : isIPv6(text) ? 6 : 0;
}

class BlockList {
  #rules = [];
  addAddress(address) { this.#rules.push((each) => each === address); }
  addRange(start, end) {
    const number = (address) => address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
    this.#rules.push((each) => IPV4.test(each) && number(each) >= number(start) && number(each) <= number(end));
  }
  addSubnet(network, prefix) {
    const bits = (address) => address.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0')).join('').slice(0, prefix);
    this.#rules.push((each) => IPV4.test(each) && bits(each) === bits(network));
  }
  check(address) { return this.#rules.some((rule) => rule(address)); }
}

function connect(...args) {
  const options = typeof args[0] === 'object' && args[0] !== null ? args[0] : {};
  return new Socket(options).connect(...args);
}

module.exports = {
  Socket, Stream: Socket, Server, BlockList, connect, createConnection: connect, isIP, isIPv6, isIPv4: (text) => IPV4.test(String(text)),
  createServer: (options, listener) => new Server(options, listener),
  getDefaultAutoSelectFamily: () => false, setDefaultAutoSelectFamily() {},
  getDefaultAutoSelectFamilyAttemptTimeout: () => 250, setDefaultAutoSelectFamilyAttemptTimeout() {},
};
