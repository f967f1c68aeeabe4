// Files as streams. What they call is asked of fs when they do, so that a program may put something in between.
'use strict';

const { host } = internal;
const { Readable, Writable } = require('stream');
const { toPath, data } = require('internal/fs_types');
const { writeAll } = require('internal/fs_sync');

class ReadStream extends Readable {
  constructor(target, options) {
    options = typeof options === 'string' ? { encoding: options } : options || {};
    super({ highWaterMark: options.highWaterMark || 65536, encoding: options.encoding, autoDestroy: options.autoClose !== false, emitClose: options.emitClose !== false, signal: options.signal });
    this.path = target;
    this.flags = options.flags || 'r';
    this.fd = options.fd === undefined || options.fd === null ? null : typeof options.fd === 'object' ? options.fd.fd : options.fd;
    this.start = options.start;
    this.end = options.end === undefined ? Infinity : options.end;
    this.autoClose = options.autoClose !== false;
    this.bytesRead = 0;
    if (this.start !== undefined && this.start > this.end) throw require('internal/errors').outOfRange('start', `<= "end" (here: ${this.end})`, this.start);
    if (this.fd === null) toPath(target);
  }
  _construct(done) {
    if (this.fd !== null) {
      done();
      return;
    }
    require('fs').open(this.path, this.flags, (error, fd) => {
      if (error) {
        done(error);
        return;
      }
      this.fd = fd;
      done();
      this.emit('open', fd);
      this.emit('ready');
    });
  }
  _read(size) {
    const left = this.end === Infinity ? size : Math.min(size, this.end - (this.start || 0) - this.bytesRead + 1);
    if (left <= 0) {
      this.push(null);
      return;
    }
    const buffer = Buffer.allocUnsafe(left);
    require('fs').read(this.fd, buffer, 0, left, this.start === undefined ? null : this.start + this.bytesRead, (error, count) => {
      if (error) {
        this.destroy(error);
        return;
      }
      this.bytesRead += count;
      this.push(count > 0 ? buffer.subarray(0, count) : null);
    });
  }
  _destroy(error, done) {
    if (this.fd === null || !this.autoClose) {
      done(error);
      return;
    }
    const { fd } = this;
    this.fd = null;
    require('fs').close(fd, (failure) => done(error || failure));
  }
  close(callback) {
    if (callback) this.once('close', callback);
    this.destroy();
  }
  get pending() { return this.fd === null; }
}

class WriteStream extends Writable {
  constructor(target, options) {
    options = typeof options === 'string' ? { encoding: options } : options || {};
    super({ highWaterMark: options.highWaterMark, defaultEncoding: options.encoding, autoDestroy: options.autoClose !== false, emitClose: options.emitClose !== false, signal: options.signal });
    this.path = target;
    this.flags = options.flags || (options.start === undefined ? 'w' : 'r+');
    this.fd = options.fd === undefined || options.fd === null ? null : typeof options.fd === 'object' ? options.fd.fd : options.fd;
    this.pos = options.start;
    this.autoClose = options.autoClose !== false;
    this.bytesWritten = 0;
    if (this.fd === null) toPath(target);
  }
  _write(chunk, encoding, done) {
    try {
      const bytes = data(chunk, encoding);
      if (this.pos === undefined) writeAll(this.fd, bytes);
      else {
        for (let at = 0; at < bytes.length;) at += host.fsWrite(this.fd, bytes.subarray(at), this.pos + at);
        this.pos += bytes.length;
      }
      this.bytesWritten += bytes.length;
      setImmediate(done);
    } catch (error) {
      done(error);
    }
  }
}
for (const name of ['_construct', '_destroy', 'close']) WriteStream.prototype[name] = ReadStream.prototype[name];
WriteStream.prototype.close = function (callback) {
  if (callback) this.once('close', callback);
  this.end();
};
Object.defineProperty(WriteStream.prototype, 'pending', { get() { return this.fd === null; } });

module.exports = { ReadStream, WriteStream };
