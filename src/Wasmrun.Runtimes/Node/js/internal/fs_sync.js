// The file system in the form that waits.
'use strict';

const { host } = internal;
const path = require('path');
const { coded, fromHost } = require('internal/errors');
const { constants, modeOf, toPath, checkDescriptor, encodingOf, Dirent, fieldBytes, makeStats, data } = require('internal/fs_types');

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

module.exports = { sync, writeAll };
