'use strict';

const { host } = internal;
const { Readable, Writable } = require('stream');
const EventEmitter = require('events');
const path = require('path');
const { coded, invalidArgType, fromHost, refused } = require('internal/errors');

const constants = {
  F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, COPYFILE_EXCL: 1, COPYFILE_FICLONE: 2, COPYFILE_FICLONE_FORCE: 4, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2,
  O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, O_DIRECTORY: 65536, O_NOFOLLOW: 131072, O_SYNC: 1052672, S_IFMT: 61440,
  S_IFREG: 32768, S_IFDIR: 16384, S_IFCHR: 8192, S_IFBLK: 24576, S_IFIFO: 4096, S_IFLNK: 40960, S_IFSOCK: 49152, S_IRWXU: 448, S_IRUSR: 256,
  S_IWUSR: 128, S_IXUSR: 64, UV_FS_O_FILEMAP: 0,
};

// How the host opens: read 1, write 2, create 4, exclusive 8, truncate 16, append 32, directory 64.
const MODES = { r: 1, rs: 1, 'r+': 3, 'rs+': 3, w: 22, 'w+': 23, wx: 30, 'wx+': 31, a: 38, 'a+': 39, ax: 46, 'ax+': 47, as: 38, 'as+': 39, xw: 30 };

function modeOf(flags) {
  if (flags === undefined || flags === null) return 1;
  if (typeof flags === 'number') {
    const access = flags & 3;
    return (access === 0 ? 1 : access === 1 ? 2 : 3) | (flags & 64 ? 4 : 0) | (flags & 128 ? 8 : 0) | (flags & 512 ? 16 : 0) | (flags & 1024 ? 32 : 0) | (flags & 65536 ? 64 : 0);
  }
  const mode = MODES[flags];
  if (mode === undefined) throw require('internal/errors').invalidArgValue('flags', flags);
  return mode;
}

function toPath(value, name = 'path') {
  if (value instanceof URL) value = require('url').fileURLToPath(value);
  else if (value instanceof Uint8Array) value = Buffer.from(value).toString();
  if (typeof value !== 'string') throw invalidArgType(name, ['string', 'Buffer', 'URL'], value);
  if (value.includes('\u0000')) throw require('internal/errors').invalidArgValue(name, value, 'must be a string, Uint8Array, or URL without null bytes');
  return path.resolve(value);
}

function checkDescriptor(fd) {
  if (typeof fd !== 'number') throw invalidArgType('fd', 'number', fd);
  return fd;
}

const encodingOf = (options) => (typeof options === 'string' ? options : options ? options.encoding : undefined);

class Stats {
  constructor(fields) {
    const kind = fields[0];
    this.dev = fields[1];
    this.mode = [0, constants.S_IFREG | 0o644, constants.S_IFDIR | 0o755, constants.S_IFLNK | 0o777][kind] || constants.S_IFCHR | 0o666;
    this.nlink = fields[3];
    this.uid = this.gid = this.rdev = 0;
    this.blksize = 4096;
    this.ino = fields[2];
    this.size = fields[4];
    this.blocks = Math.ceil(fields[4] / 512);
    this.atimeMs = fields[5];
    this.mtimeMs = fields[6];
    this.ctimeMs = this.birthtimeMs = fields[7];
  }
  get atime() { return new Date(this.atimeMs); }
  get mtime() { return new Date(this.mtimeMs); }
  get ctime() { return new Date(this.ctimeMs); }
  get birthtime() { return new Date(this.birthtimeMs); }
  isFile() { return (this.mode & constants.S_IFMT) === constants.S_IFREG; }
  isDirectory() { return (this.mode & constants.S_IFMT) === constants.S_IFDIR; }
  isSymbolicLink() { return (this.mode & constants.S_IFMT) === constants.S_IFLNK; }
  isCharacterDevice() { return (this.mode & constants.S_IFMT) === constants.S_IFCHR; }
  isBlockDevice() { return false; }
  isFIFO() { return false; }
  isSocket() { return false; }
}

class Dirent {
  constructor(name, parentPath, kind) {
    this.name = name;
    this.parentPath = this.path = parentPath;
    Object.defineProperty(this, '_kind', { value: kind, enumerable: false });
  }
  isFile() { return this._kind === 'f'; }
  isDirectory() { return this._kind === 'd'; }
  isSymbolicLink() { return this._kind === 'l'; }
  isCharacterDevice() { return false; }
  isBlockDevice() { return false; }
  isFIFO() { return false; }
  isSocket() { return false; }
}

const fields = new Float64Array(8);
const fieldBytes = new Uint8Array(fields.buffer);
const numbers = { bigint: (stats) => { for (const key of Object.keys(stats)) stats[key] = BigInt(Math.trunc(stats[key])); return stats; } };

function makeStats(options) {
  const stats = new Stats(fields);
  return options && options.bigint ? numbers.bigint(stats) : stats;
}

function data(value, encoding) {
  if (typeof value === 'string') return Buffer.from(value, encoding || 'utf8');
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw invalidArgType('data', ['string', 'Buffer', 'TypedArray', 'DataView'], value);
}

function writeAll(fd, bytes) {
  let at = 0;
  while (at < bytes.length) at += host.fsWrite(fd, at === 0 ? bytes : bytes.subarray(at), -1);
}

function missing(error, options) {
  return error.code === 'ENOENT' && options && options.throwIfNoEntry === false;
}

// Everything once, in the form that waits; the other two forms are made from it.
const sync = {
  access(target, mode = 0) {
    host.fsStat(toPath(target), true, fieldBytes);
    void mode;
  },
  exists(target) {
    try {
      return host.fsKind(toPath(target)) !== 0;
    } catch {
      return false;
    }
  },
  open: (target, flags = 'r') => host.fsOpen(toPath(target), modeOf(flags)),
  close(fd) { host.fsClose(checkDescriptor(fd)); },
  read(fd, buffer, offset, length, position) {
    if (offset !== null && typeof offset === 'object') ({ offset, length, position } = offset);
    offset = offset || 0;
    length = length === undefined || length === null ? buffer.byteLength - offset : length;
    const view = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length);
    return host.fsRead(checkDescriptor(fd), view, position === undefined || position === null ? -1 : Number(position));
  },
  write(fd, value, offset, length, position) {
    if (typeof value === 'string') return host.fsWrite(checkDescriptor(fd), Buffer.from(value, length || 'utf8'), typeof offset === 'number' ? offset : -1);
    if (offset !== null && typeof offset === 'object') ({ offset, length, position } = offset);
    offset = offset || 0;
    length = length === undefined || length === null ? value.byteLength - offset : length;
    return host.fsWrite(checkDescriptor(fd), new Uint8Array(value.buffer, value.byteOffset + offset, length), typeof position === 'number' ? position : -1);
  },
  readv(fd, buffers, position) {
    let total = 0;
    for (const each of buffers) {
      const count = sync.read(fd, each, 0, each.byteLength, typeof position === 'number' ? position + total : null);
      total += count;
      if (count < each.byteLength) break;
    }
    return total;
  },
  writev(fd, buffers, position) {
    let total = 0;
    for (const each of buffers) total += sync.write(fd, each, 0, each.byteLength, typeof position === 'number' ? position + total : null);
    return total;
  },
  readFile(target, options) {
    const encoding = encodingOf(options);
    let bytes;
    if (typeof target === 'number') {
      const chunks = [];
      for (;;) {
        const chunk = Buffer.alloc(65536);
        const count = host.fsRead(target, chunk, -1);
        if (count === 0) break;
        chunks.push(chunk.subarray(0, count));
      }
      bytes = Buffer.concat(chunks);
    } else if (encoding === 'utf8' || encoding === 'utf-8') {
      return host.fsReadText(toPath(target));
    } else {
      bytes = Object.setPrototypeOf(host.fsReadFile(toPath(target)), Buffer.prototype);
    }
    return encoding && encoding !== 'buffer' ? bytes.toString(encoding) : bytes;
  },
  writeFile(target, value, options) {
    const bytes = data(value, encodingOf(options));
    if (typeof target === 'number') {
      writeAll(target, bytes);
      return;
    }
    const fd = sync.open(target, (options && options.flag) || 'w');
    try {
      writeAll(fd, bytes);
    } finally {
      host.fsClose(fd);
    }
  },
  appendFile(target, value, options) { sync.writeFile(target, value, { ...(typeof options === 'string' ? { encoding: options } : options), flag: 'a' }); },
  copyFile(from, to, mode = 0) {
    if (mode & constants.COPYFILE_EXCL && sync.exists(to)) throw fromHost('EEXIST', '', 17, 'copyfile', from);
    const source = sync.open(from, 'r');
    try {
      const target = sync.open(to, 'w');
      try {
        const buffer = Buffer.alloc(65536);
        for (let count; (count = host.fsRead(source, buffer, -1)) > 0;) writeAll(target, buffer.subarray(0, count));
      } finally {
        host.fsClose(target);
      }
    } finally {
      host.fsClose(source);
    }
  },
  stat(target, options) {
    try {
      host.fsStat(toPath(target), true, fieldBytes);
    } catch (error) {
      if (missing(error, options)) return undefined;
      throw error;
    }
    return makeStats(options);
  },
  lstat(target, options) {
    try {
      host.fsStat(toPath(target), false, fieldBytes);
    } catch (error) {
      if (missing(error, options)) return undefined;
      throw error;
    }
    return makeStats(options);
  },
  fstat(fd, options) {
    host.fsStatDescriptor(checkDescriptor(fd), fieldBytes);
    return makeStats(options);
  },
  statfs: () => ({ type: 0, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0 }),
  readdir(target, options = {}) {
    const folder = toPath(target);
    const text = host.fsList(folder);
    const found = [];
    for (const entry of text === '' ? [] : text.split('\u0000')) {
      const name = entry.slice(1);
      found.push(options && options.withFileTypes ? new Dirent(name, String(target), entry[0]) : encodingOf(options) === 'buffer' ? Buffer.from(name) : name);
      if (options && options.recursive && entry[0] === 'd') {
        for (const below of sync.readdir(path.join(String(target), name), options)) found.push(options.withFileTypes ? below : path.join(name, below));
      }
    }
    return found;
  },
  mkdir(target, options) {
    const folder = toPath(target);
    if (!options || !options.recursive) {
      host.fsMakeFolder(folder);
      return undefined;
    }
    let first;
    let at = '';
    for (const part of folder.split('/').filter(Boolean)) {
      at += '/' + part;
      const kind = host.fsKind(at);
      if (kind === 1) throw fromHost(at === folder ? 'EEXIST' : 'ENOTDIR', '', at === folder ? 17 : 20, 'mkdir', folder);
      if (kind === 0) {
        host.fsMakeFolder(at);
        first ||= at;
      }
    }
    return first;
  },
  mkdtemp(prefix) {
    const folder = toPath(prefix) + Array.from(host.randomBytes(6), (byte) => 'abcdefghijklmnopqrstuvwxyz0123456789'[byte % 36]).join('');
    host.fsMakeFolder(folder);
    return folder;
  },
  rmdir(target, options) {
    if (options && options.recursive) sync.rm(target, { recursive: true });
    else host.fsRemoveFolder(toPath(target));
  },
  rm(target, options = {}) {
    const file = toPath(target);
    let stats;
    try {
      stats = sync.lstat(file);
    } catch (error) {
      if (error.code === 'ENOENT' && options.force) return;
      throw error;
    }
    if (!stats.isDirectory()) host.fsUnlink(file);
    else if (!options.recursive) throw coded(Error, 'ERR_FS_EISDIR', `Path is a directory: rm returned EISDIR (is a directory) ${file}`);
    else {
      for (const name of sync.readdir(file)) sync.rm(path.join(file, name), options);
      host.fsRemoveFolder(file);
    }
  },
  unlink(target) { host.fsUnlink(toPath(target)); },
  rename(from, to) { host.fsRename(toPath(from, 'oldPath'), toPath(to, 'newPath')); },
  link(from, to) { host.fsLink(toPath(from, 'existingPath'), toPath(to, 'newPath')); },
  symlink(target, link) { host.fsSymlink(String(target), toPath(link)); },
  readlink: (target) => host.fsReadLink(toPath(target)),
  realpath: (target) => host.fsRealPath(toPath(target)),
  truncate(target, length = 0) {
    const fd = sync.open(target, 'r+');
    try {
      host.fsTruncate(fd, length);
    } finally {
      host.fsClose(fd);
    }
  },
  ftruncate(fd, length = 0) { host.fsTruncate(checkDescriptor(fd), length); },
  fsync(fd) { host.fsSync(checkDescriptor(fd)); },
  fdatasync(fd) { host.fsSync(checkDescriptor(fd)); },
  utimes(target, access, modify) {
    const milliseconds = (time) => (time instanceof Date ? time.getTime() : typeof time === 'string' ? Number(time) * 1000 : time * 1000);
    host.fsSetTimes(toPath(target), milliseconds(access), milliseconds(modify));
  },
  // A guest is the only user of its files: there are no modes and owners to change.
  chmod(target) { sync.access(target); },
  fchmod(fd) { sync.fstat(fd); },
  lchmod(target) { sync.lstat(target); },
  chown(target) { sync.access(target); },
  fchown(fd) { sync.fstat(fd); },
  lchown(target) { sync.lstat(target); },
  futimes(fd) { sync.fstat(fd); },
  lutimes(target) { sync.lstat(target); },
  cp(from, to, options = {}) {
    const stats = sync.stat(from);
    if (!stats.isDirectory()) {
      sync.mkdir(path.dirname(toPath(to)), { recursive: true });
      if (options.force !== false || !sync.exists(to)) sync.copyFile(from, to);
      return;
    }
    if (!options.recursive) throw coded(Error, 'ERR_FS_EISDIR', `Recursive option not enabled, cannot copy a directory: ${from}`);
    sync.mkdir(to, { recursive: true });
    for (const name of sync.readdir(from)) sync.cp(path.join(String(from), name), path.join(String(to), name), options);
  },
};

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
    fs.open(this.path, this.flags, (error, fd) => {
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
    fs.read(this.fd, buffer, 0, left, this.start === undefined ? null : this.start + this.bytesRead, (error, count) => {
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
    fs.close(fd, (failure) => done(error || failure));
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
promises.watch = () => { throw refused('fs.watch', 'a sandbox is not told of changes; use wasmrun --watch'); };
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
  watch() { throw refused('fs.watch', 'a sandbox is not told of changes; use wasmrun --watch'); },
  watchFile() { throw refused('fs.watchFile', 'a sandbox is not told of changes; use wasmrun --watch'); },
  unwatchFile() {},
});

module.exports = fs;
