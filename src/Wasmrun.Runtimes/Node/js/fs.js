'use strict';

const { host } = internal;
const EventEmitter = require('events');
const { invalidArgType } = require('internal/errors');
const { constants, Stats, Dirent } = require('internal/fs_types');
const { sync } = require('internal/fs_sync');
const { ReadStream, WriteStream } = require('internal/fs_streams');
const { FSWatcher, StatWatcher, watch, watchEvents, watchFile, unwatchFile } = require('internal/fs_watch');

const fs = { constants, Stats, Dirent, ...constants };
const promises = { constants };

for (const name of Object.keys(sync)) {
  fs[name + 'Sync'] = sync[name];
  promises[name] = async (...args) => sync[name](...args);
  fs[name] = function (...args) {
    const callback = args.pop();
    if (typeof callback !== 'function') throw invalidArgType('cb', 'function', callback);
    let result;
    try {
      result = sync[name](...args);
    } catch (error) {
      // A wrong argument is told at once, what the system says later.
      if (error.code && error.code.startsWith('ERR_INVALID_ARG')) throw error;
      setImmediate(callback, error);
      return;
    }
    setImmediate(callback, null, result, name === 'read' || name === 'write' ? args[1] : undefined);
  };
}
fs.exists = (target, callback) => setImmediate(callback, sync.exists(target));
fs.exists[Symbol.for('nodejs.util.promisify.custom')] = async (target) => sync.exists(target);
fs.read[Symbol.for('nodejs.util.promisify.custom')] = async (fd, buffer, ...rest) => ({ bytesRead: sync.read(fd, buffer, ...rest), buffer });
fs.write[Symbol.for('nodejs.util.promisify.custom')] = async (fd, buffer, ...rest) => ({ bytesWritten: sync.write(fd, buffer, ...rest), buffer });
fs.realpath.native = fs.realpath;
fs.realpathSync.native = fs.realpathSync;

class FileHandle extends EventEmitter {
  constructor(fd) {
    super();
    this.fd = fd;
  }
  async close() {
    if (this.fd < 0) return;
    const { fd } = this;
    this.fd = -1;
    host.fsClose(fd);
    this.emit('close');
  }
  async read(buffer, ...rest) {
    if (buffer === undefined || (buffer !== null && !ArrayBuffer.isView(buffer))) {
      rest = [buffer || {}];
      buffer = (buffer && buffer.buffer) || Buffer.alloc(16384);
    }
    return { bytesRead: sync.read(this.fd, buffer, ...rest), buffer };
  }
  async write(buffer, ...rest) { return { bytesWritten: sync.write(this.fd, buffer, ...rest), buffer }; }
  async readFile(options) { return sync.readFile(this.fd, options); }
  async writeFile(value, options) { sync.writeFile(this.fd, value, options); }
  async appendFile(value, options) { sync.writeFile(this.fd, value, options); }
  async stat(options) { return sync.fstat(this.fd, options); }
  async truncate(length) { sync.ftruncate(this.fd, length); }
  async sync() { host.fsSync(this.fd); }
  async datasync() { host.fsSync(this.fd); }
  async chmod() {}
  async chown() {}
  createReadStream(options) { return new ReadStream(null, { ...options, fd: this.fd, autoClose: false }); }
  createWriteStream(options) { return new WriteStream(null, { ...options, fd: this.fd, autoClose: false }); }
  async* readLines(options) { yield* require('readline').createInterface({ input: this.createReadStream(options) }); }
  [Symbol.asyncDispose]() { return this.close(); }
}

class Dir {
  constructor(target) {
    this.path = target;
    this._entries = sync.readdir(target, { withFileTypes: true });
  }
  readSync() { return this._entries.shift() || null; }
  read(callback) {
    if (callback) setImmediate(callback, null, this.readSync());
    else return Promise.resolve(this.readSync());
    return undefined;
  }
  closeSync() {}
  close(callback) {
    if (callback) setImmediate(callback, null);
    return Promise.resolve();
  }
  async* [Symbol.asyncIterator]() { for (let entry; (entry = this.readSync()) !== null;) yield entry; }
}

promises.open = async (target, flags) => new FileHandle(sync.open(target, flags));
promises.opendir = async (target) => new Dir(target);
promises.watch = watchEvents;
delete promises.exists;
for (const name of ['close', 'read', 'write', 'readv', 'writev', 'fstat', 'ftruncate', 'fsync', 'fdatasync', 'fchmod', 'fchown', 'futimes']) delete promises[name];
promises.readFile = async (target, options) => (target instanceof FileHandle ? target.readFile(options) : sync.readFile(target, options));
promises.writeFile = async (target, value, options) => {
  if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value)) {
    const chunks = [];
    for await (const chunk of value) chunks.push(Buffer.from(chunk));
    value = Buffer.concat(chunks);
  }
  return target instanceof FileHandle ? target.writeFile(value, options) : sync.writeFile(target, value, options);
};

Object.assign(fs, {
  promises, ReadStream, WriteStream, FileReadStream: ReadStream, FileWriteStream: WriteStream, Dir,
  createReadStream: (target, options) => new ReadStream(target, options),
  createWriteStream: (target, options) => new WriteStream(target, options),
  opendirSync: (target) => new Dir(target),
  opendir(target, options, callback) { setImmediate(callback || options, null, new Dir(target)); },
  watch, watchFile, unwatchFile, FSWatcher, StatWatcher,
});

module.exports = fs;
