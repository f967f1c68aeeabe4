// What the forms of fs share: names of the system, the state of a file, and arguments as Node takes them.
'use strict';

const path = require('path');
const { invalidArgType } = require('internal/errors');

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
  // Of nothing: all fields are zero.
  static none() {
    const stats = new Stats(new Float64Array(8));
    stats.mode = stats.blksize = 0;
    return stats;
  }
  get atime() { return new Date(Number(this.atimeMs)); }
  get mtime() { return new Date(Number(this.mtimeMs)); }
  get ctime() { return new Date(Number(this.ctimeMs)); }
  get birthtime() { return new Date(Number(this.birthtimeMs)); }
  isFile() { return (Number(this.mode) & constants.S_IFMT) === constants.S_IFREG; }
  isDirectory() { return (Number(this.mode) & constants.S_IFMT) === constants.S_IFDIR; }
  isSymbolicLink() { return (Number(this.mode) & constants.S_IFMT) === constants.S_IFLNK; }
  isCharacterDevice() { return (Number(this.mode) & constants.S_IFMT) === constants.S_IFCHR; }
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

function toBig(stats) {
  const times = ['atime', 'mtime', 'ctime', 'birthtime'].map((name) => [`${name}Ns`, BigInt(Math.round(stats[`${name}Ms`] * 1e6))]);
  for (const key of Object.keys(stats)) stats[key] = BigInt(Math.trunc(stats[key]));
  for (const [key, value] of times) stats[key] = value;
  return stats;
}

function makeStats(options, stats = new Stats(fields)) {
  return options && options.bigint ? toBig(stats) : stats;
}

function data(value, encoding) {
  if (typeof value === 'string') return Buffer.from(value, encoding || 'utf8');
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw invalidArgType('data', ['string', 'Buffer', 'TypedArray', 'DataView'], value);
}

module.exports = { constants, modeOf, toPath, checkDescriptor, encodingOf, Stats, Dirent, fieldBytes, makeStats, data };
