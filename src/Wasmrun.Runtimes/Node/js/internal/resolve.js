// Where a module is: files, folders, packages with their "exports" and "imports", as Node finds them.
'use strict';

const { host } = internal;
const { coded } = require('internal/errors');

const EXTENSIONS = ['.js', '.json', '.node', '.cjs', '.mjs', '.ts', '.cts', '.mts'];
const kinds = new Map();
const packages = new Map();
const realPaths = new Map();

function kindOf(path) {
  let kind = kinds.get(path);
  if (kind === undefined) {
    kind = host.fsKind(path);
    // Only what is there is remembered: a program may write a module and then load it.
    if (kind !== 0) kinds.set(path, kind);
  }
  return kind;
}

const isFile = (path) => kindOf(path) === 1;
const isFolder = (path) => kindOf(path) === 2;

function parentOf(path) {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

function normalize(path) {
  const parts = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return '/' + parts.join('/');
}

function join(folder, path) {
  return normalize(path.startsWith('/') ? path : folder + '/' + path);
}

function realPath(path) {
  let real = realPaths.get(path);
  if (real === undefined) {
    real = host.fsRealPath(path);
    realPaths.set(path, real);
  }
  return real;
}

// The package.json of a folder, null when there is none.
function readPackage(folder) {
  let found = packages.get(folder);
  if (found === undefined) {
    const path = folder === '/' ? '/package.json' : folder + '/package.json';
    found = null;
    if (isFile(path)) {
      try {
        found = JSON.parse(host.fsReadText(path));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw coded(Error, 'ERR_INVALID_PACKAGE_CONFIG', `Invalid package config ${path}.\n${error.message}`);
      }
    }
    packages.set(folder, found);
  }
  return found;
}

// The nearest package.json at or above a folder.
function packageScope(folder) {
  for (;;) {
    if (folder.endsWith('/node_modules')) return null;
    const found = readPackage(folder);
    if (found !== null) return { folder, json: found };
    if (folder === '/') return null;
    folder = parentOf(folder);
  }
}

function tryFile(path) {
  if (isFile(path)) return path;
  for (const extension of EXTENSIONS) if (isFile(path + extension)) return path + extension;
  return null;
}

function tryFolder(path) {
  const json = readPackage(path);
  if (json !== null && typeof json.main === 'string' && json.main !== '') {
    const main = join(path, json.main);
    const found = tryFile(main) || tryFile(main + '/index');
    if (found !== null) return found;
  }
  return tryFile(path + '/index');
}

function notFound(request, from, parents) {
  const list = parents && parents.length > 0 ? parents : [from];
  const error = new Error(`Cannot find module '${request}'\nRequire stack:\n- ${list.join('\n- ')}`);
  error.code = 'MODULE_NOT_FOUND';
  error.requireStack = list;
  return error;
}

function moduleNotFound(request, from) {
  const isPath = /^[./]/.test(request);
  return coded(Error, 'ERR_MODULE_NOT_FOUND', `Cannot find ${isPath ? 'module' : 'package'} '${request}' imported from ${from}`);
}

// ---- "exports" and "imports"

function resolveTarget(target, star, isInternal, scope, conditions) {
  if (typeof target === 'string') {
    const path = star === null ? target : target.replaceAll('*', () => star);
    if (!path.startsWith('./')) {
      if (!isInternal || path.startsWith('../') || path.startsWith('/')) {
        throw coded(Error, 'ERR_INVALID_PACKAGE_TARGET', `Invalid target "${target}" defined in the package config ${scope}/package.json`);
      }
      return { bare: path };
    }
    if (/(^|\/)(\.\.?|node_modules)(\/|$)/.test(path.slice(2))) {
      throw coded(Error, 'ERR_INVALID_PACKAGE_TARGET', `Invalid target "${target}" defined in the package config ${scope}/package.json`);
    }
    return { path: join(scope, path) };
  }
  if (Array.isArray(target)) {
    let failure = null;
    for (const each of target) {
      try {
        const found = resolveTarget(each, star, isInternal, scope, conditions);
        if (found) return found;
      } catch (error) {
        if (error.code !== 'ERR_INVALID_PACKAGE_TARGET') throw error;
        failure = error;
      }
    }
    if (failure !== null) throw failure;
    return null;
  }
  if (target !== null && typeof target === 'object') {
    for (const condition of Object.keys(target)) {
      if (condition === 'default' || conditions.has(condition)) {
        const found = resolveTarget(target[condition], star, isInternal, scope, conditions);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
  return target === null ? null : undefined;
}

function resolveMap(map, key, isInternal, scope, conditions) {
  if (Object.hasOwn(map, key) && !key.includes('*') && !key.endsWith('/')) {
    return resolveTarget(map[key], null, isInternal, scope, conditions);
  }
  let best = null;
  for (const pattern of Object.keys(map)) {
    const at = pattern.indexOf('*');
    if (at < 0 || pattern.indexOf('*', at + 1) >= 0) continue;
    const before = pattern.slice(0, at);
    const after = pattern.slice(at + 1);
    if (key.startsWith(before) && key !== before && key.length >= pattern.length && key.endsWith(after)
      && (best === null || before.length > best.before.length || (before.length === best.before.length && pattern.length > best.pattern.length))) {
      best = { pattern, before, star: key.slice(at, key.length - after.length) };
    }
  }
  return best === null ? undefined : resolveTarget(map[best.pattern], best.star, isInternal, scope, conditions);
}

function resolveExports(scope, subpath, exports, conditions) {
  const isMap = exports !== null && typeof exports === 'object' && !Array.isArray(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  const found = resolveMap(isMap ? exports : { '.': exports }, subpath, false, scope, conditions);
  if (found === undefined || found === null) {
    throw coded(Error, 'ERR_PACKAGE_PATH_NOT_EXPORTED', subpath === '.'
      ? `No "exports" main defined in ${scope}/package.json`
      : `Package subpath '${subpath}' is not defined by "exports" in ${scope}/package.json`);
  }
  return found.path;
}

function resolveImports(request, from, conditions, resolveBare) {
  const scope = packageScope(parentOf(from));
  if (scope !== null && scope.json.imports) {
    const found = resolveMap(scope.json.imports, request, true, scope.folder, conditions);
    if (found) return found.bare !== undefined ? resolveBare(found.bare, scope.folder + '/package.json') : found.path;
  }
  throw coded(TypeError, 'ERR_PACKAGE_IMPORT_NOT_DEFINED', `Package import specifier "${request}" is not defined imported from ${from}`);
}

function splitPackage(request) {
  const parts = request.split('/');
  const name = request.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
  return { name, subpath: '.' + request.slice(name.length) };
}

// A package by its own name, from inside of it.
function resolveSelf(request, from, conditions) {
  const scope = packageScope(parentOf(from));
  if (scope === null || scope.json.exports === undefined || scope.json.exports === null) return null;
  const { name, subpath } = splitPackage(request);
  return scope.json.name === name ? resolveExports(scope.folder, subpath, scope.json.exports, conditions) : null;
}

function moduleFolders(folder) {
  const folders = [];
  for (;;) {
    if (!folder.endsWith('/node_modules')) folders.push((folder === '/' ? '' : folder) + '/node_modules');
    if (folder === '/') return folders;
    folder = parentOf(folder);
  }
}

// Resolves what is neither a core module nor "#internal", for require; null when there is nothing.
function resolveRequire(request, from, conditions, folders) {
  if (/^(\/|\.\.?(\/|$))/.test(request)) {
    const path = join(parentOf(from), request);
    const found = (!/(\/|\/\.\.?|^\.\.?)$/.test(request) && tryFile(path)) || (isFolder(path) ? tryFolder(path) : null);
    return found === null ? null : realPath(found);
  }
  const self = resolveSelf(request, from, conditions);
  if (self !== null) return isFile(self) ? realPath(self) : null;
  const { name, subpath } = splitPackage(request);
  for (const folder of folders || moduleFolders(parentOf(from))) {
    const base = folder + '/' + name;
    const json = isFolder(base) ? readPackage(base) : null;
    if (json !== null && json.exports !== undefined && json.exports !== null) {
      const target = resolveExports(base, subpath, json.exports, conditions);
      return isFile(target) ? realPath(target) : null;
    }
    // A file goes before a folder, also one that lies beside a package of the same name.
    const path = base + subpath.slice(1);
    const found = (!subpath.endsWith('/') && tryFile(path)) || (isFolder(path) ? tryFolder(path) : null);
    if (found !== null) return realPath(found);
  }
  return null;
}

// The same for import, which adds no extensions and looks into no folders.
function resolveImport(request, from, conditions) {
  if (/^(\/|\.\.?\/)/.test(request)) {
    const path = join(parentOf(from), decodeURIComponent(request.replace(/[?#].*$/, '')));
    if (isFolder(path)) {
      throw coded(Error, 'ERR_UNSUPPORTED_DIR_IMPORT', `Directory import '${path}' is not supported resolving ES modules imported from ${from}`);
    }
    if (!isFile(path)) throw moduleNotFound(path, from);
    return realPath(path);
  }
  const self = resolveSelf(request, from, conditions);
  if (self !== null) return realPath(self);
  const { name, subpath } = splitPackage(request);
  for (const folder of moduleFolders(parentOf(from))) {
    const base = folder + '/' + name;
    if (!isFolder(base)) continue;
    const json = readPackage(base);
    let found;
    if (json !== null && json.exports !== undefined && json.exports !== null) found = resolveExports(base, subpath, json.exports, conditions);
    else if (subpath === '.') found = tryFolder(base);
    else found = base + subpath.slice(1);
    if (found === null || !isFile(found)) throw moduleNotFound(found || request, from);
    return realPath(found);
  }
  throw moduleNotFound(name, from);
}

module.exports = {
  isFile, isFolder, parentOf, join, realPath, readPackage, packageScope, tryFile, tryFolder, notFound, moduleFolders,
  resolveRequire, resolveImport, resolveImports,
};
