// One end of a connection, as a stream.
'use strict';

const { host } = internal;
const { Duplex } = require('stream');
const { handles, keepAlive, currentContext } = require('internal/timers');
const { coded, invalidArgType } = require('internal/errors');

const ACCEPTED = 1;
const DATA = 2;
const END = 3;
const FAILED = 4;
const CONNECTED = 5;
const DRAINED = 6;
const HEAD = 8;
const KEEP_ALIVE_OPTION = 1;
const NO_DELAY_OPTION = 0;

const toBuffer = (bytes) => Object.setPrototypeOf(bytes, Buffer.prototype);

function failure(code, call, address, port) {
  const error = new Error(`${call} ${code}${address === undefined ? '' : ` ${address}${port === undefined ? '' : ':' + port}`}`);
  error.errno = -(require('os').constants.errno[code] || 0);
  error.code = code;
  error.syscall = call;
  if (address !== undefined) error.address = address;
  if (port !== undefined) error.port = port;
  return error;
}

class Socket extends Duplex {
  constructor(options = {}) {
    super({
      allowHalfOpen: Boolean(options.allowHalfOpen), autoDestroy: true, emitClose: true, decodeStrings: false,
      highWaterMark: options.highWaterMark,
    });
    this._handle = 0;
    this._context = undefined;
    this._counted = false;
    this._raw = null;
    this._afterDrain = null;
    this._afterConnect = null;
    this._timer = null;
    this._reading = false;
    this._peer = undefined;
    this.connecting = false;
    this.timeout = 0;
    this._received = 0;
    this._sent = 0;
    this.server = null;
    this._server = null;
    if (options.signal) options.signal.addEventListener('abort', () => this.destroy(options.signal.reason), { once: true });
    if (options._handle) this._attach(options._handle);
  }

  _attach(handle) {
    this._handle = handle;
    this._context = currentContext();
    handles.set(handle, this);
    this.ref();
  }

  // What the network tells of this socket. A raw reader, as the HTTP server is one, goes past the stream.
  onEvent(kind, data, more) {
    if (kind === HEAD) {
      if (this._timer !== null) this._touch();
      this._raw.onWholeHead(data, more);
      return;
    }
    switch (kind) {
      case DATA:
        if (this._timer !== null) this._touch();
        toBuffer(data);
        if (this._raw !== null) this._raw.onData(data);
        else if (!this.push(data)) this._read(false);
        break;
      case END:
        if (this._raw !== null) this._raw.onEnd();
        else {
          this.push(null);
          if (this.readableLength === 0) this.read(0);
        }
        break;
      case FAILED:
        this.destroy(failure(data, 'read'));
        break;
      case CONNECTED:
        this._connected(data);
        break;
      case DRAINED: {
        if (this._timer !== null) this._touch();
        const done = this._afterDrain;
        this._afterDrain = null;
        if (done !== null) done();
        if (this._raw !== null && this._raw.onDrain) this._raw.onDrain();
        break;
      }
    }
  }

  _connected(number) {
    this.connecting = false;
    if (number !== 0) {
      const names = require('os').constants.errno;
      const code = Object.keys(names).find((name) => names[name] === number) || 'ECONNREFUSED';
      this.destroy(failure(code, 'connect', this._target.host, this._target.port));
      return;
    }
    if (this._reading) host.netRead(this._handle, true);
    this.emit('connect');
    this.emit('ready');
    const next = this._afterConnect;
    this._afterConnect = null;
    if (next !== null) next();
    if (!this.destroyed) this.read(0);
  }

  _read(wanted = true) {
    this._reading = wanted !== false;
    if (this._handle !== 0 && !this.connecting && this._raw === null) host.netRead(this._handle, this._reading);
  }

  // The connection is a stream again: what its raw reader has left is for whoever reads it now.
  _becomeStream() {
    this._raw = null;
    this._reading = false;
    this._readableState.reading = false;
    host.netRead(this._handle, false, false);
  }

  _write(chunk, encoding, done) {
    if (this.connecting) {
      this._afterConnect = () => this._write(chunk, encoding, done);
      return;
    }
    if (typeof chunk === 'string' && encoding && encoding !== 'utf8' && encoding !== 'utf-8') chunk = Buffer.from(chunk, encoding);
    this._finishWrite(this.writeRaw(chunk), done);
  }

  _writev(chunks, done) {
    if (this.connecting) {
      this._afterConnect = () => this._writev(chunks, done);
      return;
    }
    const buffers = chunks.map(({ chunk, encoding }) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk));
    this._finishWrite(this.writeRaw(Buffer.concat(buffers)), done);
  }

  _finishWrite(kept, done) {
    if (kept < 0) done(failure(kept === -3 ? 'ENOBUFS' : 'EPIPE', 'write'));
    else if (kept > 0) this._afterDrain = done;
    else done();
  }

  // Sends past the stream; answers how many bytes wait, negative when the connection is over. The framing is HTTP's, of the second piece.
  writeRaw(first, second, framing) {
    if (this._timer !== null) this._touch();
    return this._handle === 0 ? -1 : host.netWrite(this._handle, first, second, framing);
  }
  // The same for a head in its parts: its first line, its fields, and its last lines but for the empty one.
  writeMessage(line, fields, last, body, framing) {
    if (this._timer !== null) this._touch();
    return this._handle === 0 ? -1 : host.netRespond(this._handle, line, fields, last, body, framing);
  }

  _final(done) {
    if (this.connecting) {
      this._afterConnect = () => this._final(done);
      return;
    }
    if (this._handle !== 0) host.netEnd(this._handle);
    done();
  }

  _destroy(error, done) {
    if (this._handle !== 0) {
      const handle = this._handle;
      this._rememberAddresses();
      this._sent = host.netWritten(handle);
      this._received = host.netReceived(handle);
      this._handle = 0;
      handles.delete(handle);
      if (this._counted) {
        this._counted = false;
        keepAlive(-1);
      }
      host.netClose(handle, error === null || error === undefined);
    }
    this.connecting = false;
    if (this._timer !== null) clearTimeout(this._timer);
    if (this._raw !== null) this._raw.onClose(error);
    if (this._server !== null) this._server._gone(this);
    done(error);
    process.nextTick(() => this.emit('closed-handle'));
  }

  emit(type, ...args) {
    return type === 'close' && args.length === 0 ? super.emit('close', Boolean(this.errored)) : super.emit(type, ...args);
  }

  connect(...args) {
    let options = args[0];
    const listener = typeof args[args.length - 1] === 'function' ? args.pop() : null;
    if (Array.isArray(options)) [options] = options;
    if (typeof options !== 'object' || options === null) {
      if (typeof options === 'string' && !/^\d+$/.test(options)) options = { path: options };
      else options = { port: options, host: typeof args[1] === 'string' ? args[1] : undefined };
    }
    if (options.path) throw require('internal/errors').refused('connecting to a path', 'services are reached by name and port');
    const port = Number(options.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw coded(RangeError, 'ERR_SOCKET_BAD_PORT', `Port should be >= 0 and < 65536. Received type ${typeof options.port} (${options.port}).`);
    }
    if (listener !== null) this.once('connect', listener);
    this._target = { host: options.host || 'localhost', port };
    this.connecting = true;
    if (options.timeout) this.setTimeout(options.timeout);
    if (options.keepAlive) this._keepAlive = true;
    keepAlive(1);
    process.nextTick(() => {
      keepAlive(-1);
      if (this.destroyed) return;
      try {
        this._attach(host.netConnect(this._target.host, port));
        if (this._unreffed) this.unref();
      } catch (error) {
        if (!error.message.includes(' ') || error.syscall) error = failure(error.code, 'connect', this._target.host, port);
        this.destroy(error);
      }
    });
    return this;
  }

  _endPoint(peer) {
    if (this._handle === 0 || this.connecting) return undefined;
    const text = host.netAddress(this._handle, peer);
    if (text === undefined) return undefined;
    const [address, port, family] = text.split(' ');
    return { address, port: Number(port), family };
  }

  _rememberAddresses() {
    if (this._peer === undefined && !this.connecting) this._peer = this._endPoint(true);
  }

  get _remote() { return this._peer || (this._peer = this._endPoint(true)) || {}; }
  get remoteAddress() { return this._remote.address; }
  get remotePort() { return this._remote.port; }
  get remoteFamily() { return this._remote.family; }
  get localAddress() { return this.address().address; }
  get localPort() { return this.address().port; }
  get localFamily() { return this.address().family; }
  address() { return this._endPoint(false) || {}; }

  get pending() { return this._handle === 0 || this.connecting; }
  get readyState() {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    return this.readable ? 'readOnly' : this.writable ? 'writeOnly' : 'closed';
  }
  get bytesRead() { return this._handle === 0 ? this._received : host.netReceived(this._handle); }
  get bytesWritten() { return this._handle === 0 ? this._sent : host.netWritten(this._handle); }
  get bufferSize() { return this.writableLength; }

  setTimeout(delay, listener) {
    if (typeof delay !== 'number') throw invalidArgType('msecs', 'number', delay);
    this.timeout = delay;
    if (this._timer !== null) clearTimeout(this._timer);
    this._timer = null;
    if (delay > 0) {
      this._timer = setTimeout(() => this.emit('timeout'), delay).unref();
      if (listener) this.once('timeout', listener);
    } else if (listener) {
      this.removeListener('timeout', listener);
    }
    return this;
  }
  _touch() { this._timer.refresh(); }

  setNoDelay(wanted = true) {
    if (this._handle !== 0) host.netOption(this._handle, NO_DELAY_OPTION, wanted ? 1 : 0);
    return this;
  }
  setKeepAlive(wanted = false) {
    if (this._handle !== 0) host.netOption(this._handle, KEEP_ALIVE_OPTION, wanted ? 1 : 0);
    return this;
  }
  ref() {
    this._unreffed = false;
    if (this._handle !== 0 && !this._counted) {
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
  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }
  resetAndDestroy() { return this.destroy(); }
}

module.exports = { Socket, failure, ACCEPTED };
