// The first script of every guest: sets the core modules up and gives the host the functions that it calls.
(function (host) {
  'use strict';

  // What differs between instances is known only when one starts: until then an engine is every instance's.
  const settings = {};
  // Few programs do without these, and an engine that has them loaded is kept.
  const COMMON = ['internal/run', 'internal/preload', 'console', 'path', 'fs', 'util', 'url', 'stream', 'net', 'http', 'querystring', 'crypto', 'zlib', 'os', 'tty', 'module'];

  const cores = new Map();
  const libraries = new Map();
  const internal = { host, settings, requireCore, requireLibrary };

  function requireCore(name) {
    let module = cores.get(name);
    if (module === undefined) {
      const source = host.coreSource(name);
      if (source === undefined) throw new Error(`there is no core module '${name}'`);
      module = { exports: {} };
      cores.set(name, module);
      const run = host.evaluate('(function (exports, require, module, internal) {' + source + '\n})', 'node:' + name);
      run(module.exports, requireCore, module, internal);
    }
    return module.exports;
  }

  // Packages of npm that core modules are built on: they see core modules, their own files, and nothing else.
  function requireLibrary(path) {
    let module = libraries.get(path);
    if (module === undefined) {
      const source = host.packageSource(path);
      if (source === undefined) throw new Error(`the runtime package has no file '${path}'`);
      module = { exports: {} };
      libraries.set(path, module);
      const run = host.evaluate('(function (exports, require, module) {' + source + '\n})', 'node:internal/deps/' + path);
      run(module.exports, (request) => requireFromLibrary(path, request), module);
    }
    return module.exports;
  }

  function requireFromLibrary(from, request) {
    if (request === 'process/') return globalThis.process;
    if (!request.startsWith('.')) return requireCore(request.replace(/\/$/, ''));
    const parts = from.split('/').slice(0, -1);
    for (const part of request.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.') parts.push(part);
    }
    const path = parts.join('/');
    return requireLibrary(path.endsWith('.js') ? path : path + '.js');
  }

  globalThis.global = globalThis;
  try {
    requireCore('internal/errors');
    requireCore('internal/stack');
    requireCore('internal/timers');
    requireCore('internal/process');
    requireCore('internal/globals');
    requireCore('internal/loader');
    requireCore('internal/uncaught');
    for (const name of COMMON) requireCore(name);
  } catch (error) {
    // Its stack is all that is left of it.
    throw new Error(`${error}\n${error.stack}`);
  }
  let isPrepared = false;
  function prepare(isObserved) {
    isPrepared = true;
    Object.assign(settings, JSON.parse(host.settings()));
    requireCore('internal/process').prepare(isObserved);
  }
  host.on('prepare', () => prepare(true));
  host.on('preload', (request, isImport) => requireCore('internal/preload').preload(request, isImport));
  host.on('start', () => {
    if (!isPrepared) prepare(false);
    requireCore('internal/process').begin();
    requireCore('internal/run').start();
  });
})
