'use strict';

const { invalidArgType } = require('internal/errors');

function check(path, name) {
  if (typeof path !== 'string') throw invalidArgType(name, 'string', path);
}

// Takes dots out; a path that is not absolute keeps the leading ones that lead above it.
function clean(path, isAbsolute) {
  const parts = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else if (!isAbsolute) parts.push('..');
  }
  return parts.join('/');
}

const posix = {
  sep: '/',
  delimiter: ':',
  resolve(...paths) {
    let resolved = '';
    for (let i = paths.length - 1; i >= 0 && !resolved.startsWith('/'); i--) {
      check(paths[i], `paths[${i}]`);
      if (paths[i] !== '') resolved = resolved === '' ? paths[i] : paths[i] + '/' + resolved;
    }
    if (!resolved.startsWith('/')) resolved = process.cwd() + '/' + resolved;
    return '/' + clean(resolved, true);
  },
  normalize(path) {
    check(path, 'path');
    if (path === '') return '.';
    const isAbsolute = path.startsWith('/');
    let cleaned = clean(path, isAbsolute);
    if (cleaned === '' && !isAbsolute) cleaned = '.';
    if (cleaned !== '' && path.endsWith('/')) cleaned += '/';
    if (cleaned === './' && !isAbsolute) return './';
    return isAbsolute ? '/' + cleaned : cleaned;
  },
  isAbsolute(path) {
    check(path, 'path');
    return path.startsWith('/');
  },
  join(...paths) {
    for (const path of paths) check(path, 'path');
    const joined = paths.filter((path) => path !== '').join('/');
    return joined === '' ? '.' : posix.normalize(joined);
  },
  relative(from, to) {
    check(from, 'from');
    check(to, 'to');
    const source = posix.resolve(from).split('/').filter(Boolean);
    const target = posix.resolve(to).split('/').filter(Boolean);
    let common = 0;
    while (common < source.length && common < target.length && source[common] === target[common]) common++;
    return [...source.slice(common).fill('..'), ...target.slice(common)].join('/');
  },
  toNamespacedPath: (path) => path,
  dirname(path) {
    check(path, 'path');
    if (path === '') return '.';
    const trimmed = path.replace(/\/+$/, '');
    const slash = trimmed.lastIndexOf('/');
    if (slash < 0) return path.startsWith('/') ? '/' : '.';
    return trimmed.slice(0, slash).replace(/\/+$/, '') || '/';
  },
  basename(path, suffix) {
    if (suffix !== undefined) check(suffix, 'suffix');
    check(path, 'path');
    const trimmed = path.endsWith('/') ? path.replace(/\/+$/, '') : path;
    const base = trimmed.slice(trimmed.lastIndexOf('/') + 1);
    return suffix !== undefined && suffix !== base && base.endsWith(suffix) ? base.slice(0, base.length - suffix.length) : base;
  },
  extname(path) {
    check(path, 'path');
    const base = posix.basename(path);
    const dot = base.lastIndexOf('.');
    return dot <= 0 || base === '..' ? '' : base.slice(dot);
  },
  format({ root = '', dir, base, name = '', ext = '' }) {
    const file = base || name + (ext && !ext.startsWith('.') ? '.' : '') + ext;
    const folder = dir || root;
    return !folder ? file : folder === root ? folder + file : folder + '/' + file;
  },
  parse(path) {
    check(path, 'path');
    const root = path.startsWith('/') ? '/' : '';
    const base = posix.basename(path);
    const ext = posix.extname(path);
    const trimmed = path.replace(/\/+$/, '');
    const slash = trimmed.lastIndexOf('/');
    const dir = slash < 0 ? (trimmed === '' ? root : '') : trimmed.slice(0, slash) || root;
    return { root, dir, base, ext, name: ext === '' ? base : base.slice(0, base.length - ext.length) };
  },
};

posix.posix = posix;
posix._makeLong = posix.toNamespacedPath;
// Guests have POSIX paths only; who asks for the other kind gets this one.
posix.win32 = posix;

module.exports = posix;
