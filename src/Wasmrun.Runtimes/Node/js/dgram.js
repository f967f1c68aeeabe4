'use strict';

const { host } = internal;
const EventEmitter = require('events');
const { handles, keepAlive, currentContext } = require('internal/timers');
const { DESCRIPTIONS, coded, invalidArgType, refused } = require('internal/errors');
const { failure } = require('internal/net_socket');

const FAILED = 4;
const DATAGRAM = 7;
const RECEIVE_BUFFER = 5;
const SEND_BUFFER = 6;
const REUSE_ADDRESS = 8;
const ONLY_VERSION_6 = 9;
const BROADCAST = 10;

function checkPort(port, allowsZero) {
  const number = Number(port);
  if (!Number.isInteger(number) || number < (allowsZero ? 0 : 1) || number > 65535) {
    throw coded(RangeError, 'ERR_SOCKET_BAD_PORT', `Port should be ${allowsZero ? '>=' : '>'} 0 and < 65536. Received ${typeof port === 'string' ? `type string ('${port}')` : `type ${typeof port} (${port})`}.`);
  }
  return number;
}

function bytesOf(message) {
  const one = (part) => {
    if (typeof part === 'string') return Buffer.from(part);
    if (ArrayBuffer.isView(part)) return Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    throw invalidArgType('buffer', ['string', 'Buffer', 'TypedArray', 'DataView'], part);
  };
  return Array.isArray(message) ? Buffer.concat(message.map(one)) : one(message);
}

class Socket extends EventEmitter {
  constructor(options, listener) {
    super();
    if (typeof options === 'string') options = { type: options };
    if (options === null || typeof options !== 'object' || (options.type !== 'udp4' && options.type !== 'udp6')) {
      throw coded(TypeError, 'ERR_SOCKET_BAD_TYPE', 'Bad socket type specified. Valid types are: udp4, udp6');
    }
    this.type = options.type;
    this._context = currentContext();
    this._handle = host.udpOpen(options.type === 'udp6');
    this._counted = false;
    this._unreffed = false;
    this._bound = false;
    this._connected = false;
    this._option(REUSE_ADDRESS, options.reuseAddr);
    this._option(ONLY_VERSION_6, options.ipv6Only);
    this._option(RECEIVE_BUFFER, options.recvBufferSize);
    this._option(SEND_BUFFER, options.sendBufferSize);
    handles.set(this._handle, this);
    if (listener) this.on('message', listener);
    if (options.signal) options.signal.addEventListener('abort', () => { if (this._handle !== 0) this.close(); }, { once: true });
  }

  _option(number, value) { if (value !== undefined && value !== false) host.udpOption(this._open, number, Number(value)); }

  get _open() {
    if (this._handle === 0) throw coded(Error, 'ERR_SOCKET_DGRAM_NOT_RUNNING', 'Not running');
    return this._handle;
  }

  onEvent(kind, data) {
    if (kind === FAILED) this.emit('error', failure(data, 'recvmsg'));
    else if (kind === DATAGRAM) {
      const [address, port, family] = host.udpSender(this._handle).split(' ');
      const message = Object.setPrototypeOf(data, Buffer.prototype);
      this.emit('message', message, { address, family, port: Number(port), size: message.length });
    }
  }

  bind(...args) {
    if (this._bound) throw coded(Error, 'ERR_SOCKET_ALREADY_BOUND', 'Socket is already bound');
    const listener = typeof args[args.length - 1] === 'function' ? args.pop() : null;
    const options = args[0] !== null && typeof args[0] === 'object' ? args[0] : { port: args[0], address: args[1] };
    const port = options.port === undefined || options.port === null ? 0 : checkPort(options.port, true);
    const handle = this._open;
    if (listener !== null) this.once('listening', listener);
    try {
      host.udpBind(handle, options.address || '', port);
    } catch (error) {
      const address = options.address || (this.type === 'udp6' ? '::' : '0.0.0.0');
      const failed = failure(error.code, 'bind', address, port);
      failed.message = `bind ${error.code}: ${DESCRIPTIONS[error.code] || error.message} ${address}:${port}`;
      process.nextTick(() => this.emit('error', failed));
      return this;
    }
    this._bound = true;
    host.netRead(handle, true);
    if (!this._unreffed) this.ref();
    process.nextTick(() => { if (this._handle !== 0) this.emit('listening'); });
    return this;
  }

  connect(port, address, callback) {
    if (typeof address === 'function') [address, callback] = [undefined, address];
    if (this._connected) throw coded(Error, 'ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
    const number = checkPort(port, false);
    if (!this._bound) this.bind();
    if (callback) this.once('connect', callback);
    process.nextTick(() => {
      if (this._handle === 0) return;
      try {
        host.udpConnect(this._handle, this._target(address), number);
        this._connected = true;
      } catch (error) {
        if (callback) this.removeListener('connect', callback);
        this._failed(error, callback);
        return;
      }
      this.emit('connect');
    });
  }

  disconnect() { throw refused('dgram.Socket.disconnect', 'a socket stays with the address that it is connected to; open another one'); }

  // send(message[, offset, length][, port][, address][, callback])
  send(message, ...args) {
    const callback = typeof args[args.length - 1] === 'function' ? args.pop() : null;
    let bytes = bytesOf(message);
    if (typeof args[1] === 'number') {
      const [offset, length] = args.splice(0, 2);
      if (offset < 0 || length < 0 || offset + length > bytes.length) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"length" is outside of buffer bounds');
      if (this._connected && args.length > 0) throw coded(Error, 'ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
      bytes = bytes.subarray(offset, offset + length);
    }
    const port = this._connected ? 0 : checkPort(args[0], false);
    const target = this._connected ? '' : this._target(args[1]);
    const handle = this._open;
    if (!this._bound) this.bind();
    try {
      host.udpSend(handle, target, port, bytes);
    } catch (error) {
      process.nextTick(() => this._failed(error, callback));
      return;
    }
    if (callback !== null) process.nextTick(callback, null, bytes.length);
  }

  _target(address) { return address || (this.type === 'udp6' ? '::1' : '127.0.0.1'); }

  _failed(error, callback) {
    if (callback) callback(error);
    else this.emit('error', error);
  }

  close(callback) {
    const handle = this._open;
    if (callback) this.once('close', callback);
    this.unref();
    handles.delete(handle);
    host.netClose(handle, false);
    this._handle = 0;
    process.nextTick(() => this.emit('close'));
    return this;
  }

  _endPoint(peer) {
    const [address, port, family] = host.netAddress(this._open, peer).split(' ');
    return { address, family, port: Number(port) };
  }
  address() {
    if (this._handle !== 0 && !this._bound) throw failure('EBADF', 'getsockname');
    return this._endPoint(false);
  }
  remoteAddress() {
    if (!this._connected) throw coded(Error, 'ERR_SOCKET_DGRAM_NOT_CONNECTED', 'Not connected');
    return this._endPoint(true);
  }

  ref() {
    this._unreffed = false;
    if (this._bound && this._handle !== 0 && !this._counted) {
      this._counted = true;
      keepAlive(1);
    }
    return this;
  }
  unref() {
    this._unreffed = true;
    if (this._counted) {
      this._counted = false;
      keepAlive(-1);
    }
    return this;
  }

  setBroadcast(wanted) { host.udpOption(this._open, BROADCAST, wanted ? 1 : 0); }
  setRecvBufferSize(size) { host.udpOption(this._open, RECEIVE_BUFFER, size); }
  setSendBufferSize(size) { host.udpOption(this._open, SEND_BUFFER, size); }
  getRecvBufferSize() { return host.udpGetOption(this._open, RECEIVE_BUFFER); }
  getSendBufferSize() { return host.udpGetOption(this._open, SEND_BUFFER); }
  getSendQueueSize() { return 0; }
  getSendQueueCount() { return 0; }
  [Symbol.asyncDispose]() { return new Promise((resolve) => (this._handle === 0 ? resolve() : this.close(resolve))); }
}

for (const name of ['addMembership', 'dropMembership', 'addSourceSpecificMembership', 'dropSourceSpecificMembership', 'setMulticastInterface', 'setMulticastLoopback', 'setMulticastTTL', 'setTTL']) {
  Socket.prototype[name] = function () { throw refused(`dgram.Socket.${name}`, 'datagrams go to one address or to all of a network, as far as they have to'); };
}

module.exports = { Socket, createSocket: (options, listener) => new Socket(options, listener) };
