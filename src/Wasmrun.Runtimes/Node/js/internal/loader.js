// CommonJS modules, and the bridge to ES modules that the engine loads itself.
'use strict';

const { host } = internal;
const { coded, refused } = require('internal/errors');
const paths = require('internal/resolve');
const { shifts } = require('internal/stack');

const BUILTINS = [
  'assert', 'assert/strict', 'async_hooks', 'buffer', 'child_process', 'cluster', 'console', 'constants', 'crypto', 'dgram',
  'diagnostics_channel', 'dns', 'dns/promises', 'events', 'fs', 'fs/promises', 'http', 'http2', 'https', 'module', 'net', 'os', 'path',
  'path/posix', 'path/win32', 'perf_hooks', 'process', 'punycode', 'querystring', 'readline', 'readline/promises', 'stream',
  'stream/consumers', 'stream/promises', 'stream/web', 'string_decoder', 'timers', 'timers/promises', 'tls', 'tty', 'url', 'util',
  'util/types', 'v8', 'vm', 'worker_threads', 'zlib',
];
const builtins = new Set(BUILTINS);
const REQUIRE = new Set(['node', 'require', 'node-addons']);
const IMPORT = new Set(['node', 'import', 'node-addons']);

function Module(id = '', parent) {
  this.id = id;
  this.path = paths.parentOf(id);
  this.exports = {};
  this.filename = null;
  this.loaded = false;
  this.children = [];
  this.paths = [];
  Object.defineProperty(this, 'parent', { value: parent, writable: true, configurable: true, enumerable: false });
  if (parent && parent.children) parent.children.push(this);
}

Module.builtinModules = BUILTINS;
Module._cache = Object.create(null);
Module._pathCache = Object.create(null);
Module.globalPaths = [];
Module._nodeModulePaths = paths.moduleFolders;
Module.Module = Module;

Module.isBuiltin = (name) => builtins.has(String(name).replace(/^node:/, ''));
Module.findPackageJSON = (name, base) => {
  const scope = paths.packageScope(paths.parentOf(toPath(base || name)));
  return scope === null ? undefined : scope.folder + '/package.json';
};

function builtinName(request) {
  const name = request.startsWith('node:') ? request.slice(5) : request;
  if (builtins.has(name)) return name;
  if (request.startsWith('node:')) throw coded(Error, 'ERR_UNKNOWN_BUILTIN_MODULE', `No such built-in module: ${request}`);
  return null;
}

function findBuiltin(request) {
  const name = String(request).replace(/^node:/, '');
  return builtins.has(name) ? require(name) : undefined;
}

function stackOf(module) {
  const files = [];
  for (let at = module; at && at.filename; at = at.parent) files.push(at.filename);
  return files;
}

Module._resolveFilename = function (request, parent, isMain, options) {
  if (builtinName(request) !== null) return request;
  const from = (parent && parent.filename) || process.cwd() + '/[eval]';
  if (request.startsWith('#')) {
    return paths.realPath(paths.resolveImports(request, from, REQUIRE, (bare, scope) => Module._resolveFilename(bare, { filename: scope })));
  }
  const bases = options && options.paths ? options.paths.map((base) => paths.join(process.cwd(), base) + '/[base]') : [from];
  for (const base of bases) {
    const found = paths.resolveRequire(request, base, REQUIRE, parent && parent.paths && parent.paths.length > 0 && !options ? parent.paths : undefined);
    if (found !== null) return found;
  }
  throw paths.notFound(request, from, stackOf(parent));
};

Module._load = function (request, parent, isMain) {
  const builtin = builtinName(request);
  if (builtin !== null) return require(builtin);
  const file = Module._resolveFilename(request, parent, isMain);
  if (Module.isBuiltin(file)) return require(file.replace(/^node:/, ''));
  const cached = Module._cache[file];
  if (cached !== undefined && !(isMain && cached === prepared)) {
    if (parent && parent.children && !parent.children.includes(cached)) parent.children.push(cached);
    return cached.exports;
  }
  let module = prepared;
  if (isMain && module !== null && module.filename === file) {
    prepared = null;
  } else {
    module = new Module(file, parent);
    if (isMain) {
      process.mainModule = module;
      module.id = '.';
    }
    Module._cache[file] = module;
  }
  let failed = true;
  try {
    module.load(file);
    failed = false;
  } finally {
    if (failed) delete Module._cache[file];
  }
  return module.exports;
};

Module.prototype.load = function (file) {
  this.filename = file;
  this.paths = paths.moduleFolders(paths.parentOf(file));
  const extension = /\.[^./]+$/.exec(file);
  (Module._extensions[extension ? extension[0] : '.js'] || Module._extensions['.js'])(this, file);
  this.loaded = true;
};

Module.prototype.require = function (request) {
  if (typeof request !== 'string') throw require('internal/errors').invalidArgType('id', 'string', request);
  if (request === '') throw require('internal/errors').invalidArgValue('id', request, 'must be a non-empty string');
  if (failed !== null && this === process.mainModule && request === failed.request) {
    const { error } = failed;
    failed = null;
    throw error;
  }
  return Module._load(request, this, false);
};

Module.prototype._compile = function (source, file) {
  shifts.set(file, Module.wrapper[0].length);
  const run = host.evaluate(Module.wrap(stripMarks(source)), file);
  return run.call(this.exports, this.exports, makeRequire(this), this, file, paths.parentOf(file));
};

Module.wrapper = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'];
Module.wrap = (source) => Module.wrapper[0] + source + Module.wrapper[1];

Module._extensions = Object.assign(Object.create(null), {
  '.js'(module, file) {
    const source = readSource(file);
    if (formatOf(file, source) === 'module') module.exports = requireModule(file);
    else module._compile(source, file);
  },
  '.json'(module, file) {
    try {
      module.exports = JSON.parse(stripMarks(host.fsReadText(file)));
    } catch (error) {
      error.message = file + ': ' + error.message;
      throw error;
    }
  },
  '.node'(module, file) {
    throw refused(`the native add-on ${file}`, 'native code cannot be loaded; look for a version of the package that is written in JavaScript');
  },
});
Module._extensions['.cjs'] = (module, file) => module._compile(readSource(file), file);
Module._extensions['.mjs'] = (module, file) => { module.exports = requireModule(file); };
for (const extension of ['.ts', '.mts', '.cts']) Module._extensions[extension] = Module._extensions['.js'];

function stripMarks(source) {
  if (source.charCodeAt(0) === 0xfeff) source = source.slice(1);
  return source.startsWith('#!') ? '//' + source : source;
}

function readSource(file) {
  const source = host.fsReadText(file);
  if (!/\.[cm]?ts$/.test(file)) return source;
  if (file.includes('/node_modules/')) {
    throw coded(Error, 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING', `Stripping types is currently unsupported for files under node_modules, for "${file}"`);
  }
  return stripTypes(source, file);
}

// JavaScript of the same length, with blanks where types were.
function stripTypes(source, file) {
  try {
    return host.stripTypes(source, file);
  } catch (error) {
    if (!/^ERR_(UNSUPPORTED|INVALID)_TYPESCRIPT_SYNTAX$/.test(error.code)) throw error;
    const [message, ...place] = error.message.split('\n');
    const shown = coded(SyntaxError, error.code, message);
    shown.stack = `${place.join('\n').trimEnd()}\n\n${shown.stack}`;
    throw shown;
  }
}

function makeRequire(module) {
  const own = (request) => module.require(request);
  own.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  own.resolve.paths = (request) => (builtinName(request) !== null ? null : module.paths);
  own.main = process.mainModule;
  own.extensions = Module._extensions;
  own.cache = Module._cache;
  return own;
}

function toPath(file) {
  const text = String(file);
  return text.startsWith('file:') ? require('url').fileURLToPath(text) : text;
}

Module.createRequire = (file) => {
  const path = toPath(file);
  if (!path.startsWith('/')) throw require('internal/errors').invalidArgValue('filename', file, 'must be a file URL object, file URL string, or absolute path string');
  const module = new Module(path);
  module.filename = path;
  module.paths = paths.moduleFolders(paths.parentOf(path));
  return makeRequire(module);
};

// ---- ES modules

function formatOf(file, source) {
  if (/\.m[jt]s$/.test(file)) return 'module';
  if (/\.(c[jt]s|json|node)$/.test(file)) return 'commonjs';
  const scope = paths.packageScope(paths.parentOf(file));
  if (scope !== null && (scope.json.type === 'module' || scope.json.type === 'commonjs')) return scope.json.type;
  // Without a word about it, a file with import or export statements is a module.
  return source !== undefined && looksLikeModule(source) ? 'module' : 'commonjs';
}

function looksLikeModule(source) {
  if (!/^\s*(import[\s{*"']|export[\s{*])/m.test(source)) return false;
  try {
    host.evaluate('(function (exports, require, module, __filename, __dirname) { return function () { ' + stripMarks(source) + '\n}})', 'node:internal/detect');
    return false;
  } catch (error) {
    return error instanceof SyntaxError;
  }
}

host.on('resolveModule', (from, request) => {
  if (from === 'node:internal/import') return request;
  return resolveModule(request, from);
});

function resolveModule(request, from) {
  const builtin = builtinName(request);
  if (builtin !== null) return 'node:' + builtin;
  if (request.startsWith('file:')) request = require('url').fileURLToPath(request);
  if (/^data:/.test(request)) throw refused('importing data: URLs', 'only files are loaded');
  if (from.startsWith('node:') || !from.startsWith('/')) from = process.cwd() + '/[eval]';
  if (request.startsWith('#')) return paths.realPath(paths.resolveImports(request, from, IMPORT, resolveModule));
  return paths.resolveImport(request, from, IMPORT);
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const RESERVED = new Set('break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static implements interface package private protected public await eval arguments'.split(' '));

// The source of a module that hands on what CommonJS or a core module exports.
function facadeOf(file) {
  const load = file.startsWith('node:') ? `requireCore(${JSON.stringify(file.slice(5))})` : `requireFile(${JSON.stringify(file)})`;
  const exports = file.startsWith('node:') ? require(file.slice(5)) : bridge.requireFile(file);
  let source = `const m = globalThis[Symbol.for('nodejs.internal.bridge')].${load};\nexport default m;\n`;
  if (exports !== null && (typeof exports === 'object' || typeof exports === 'function')) {
    const names = new Set(Object.keys(exports));
    names.delete('default');
    let number = 0;
    for (const name of names) {
      if (NAME.test(name) && !RESERVED.has(name)) source += `let v${number} = m.${name};\nexport { v${number++} as ${name} };\n`;
      else if (NAME.test(name)) source += `let v${number} = m[${JSON.stringify(name)}];\nexport { v${number++} as ${name} };\n`;
    }
  }
  return source + (file.startsWith('node:') ? '' : "export { m as 'module.exports' };\n");
}

const bridge = {
  requireCore: (name) => require(name),
  requireFile(file) {
    const cached = Module._cache[file];
    return cached !== undefined ? cached.exports : Module._load(file, null, mainFile === file);
  },
  fillMeta(meta, file) {
    meta.dirname = paths.parentOf(file);
    meta.filename = file;
    meta.url = require('url').pathToFileURL(file).href;
    meta.main = mainFile === file;
    meta.resolve = (request) => {
      const found = resolveModule(request, file);
      return found.startsWith('node:') ? found : require('url').pathToFileURL(found).href;
    };
  },
};
Object.defineProperty(globalThis, Symbol.for('nodejs.internal.bridge'), { value: bridge });

host.on('loadModule', (file) => {
  if (file.startsWith('node:')) return facadeOf(file);
  if (file.endsWith('.json')) return `export default globalThis[Symbol.for('nodejs.internal.bridge')].requireFile(${JSON.stringify(file)});`;
  const source = /\.(node|wasm)$/.test(file) ? undefined : readSource(file);
  if (source === undefined || formatOf(file, source) === 'commonjs') return facadeOf(file);
  // On the first line, so that no line of the program moves.
  const meta = source.includes('import.meta') ? `globalThis[Symbol.for('nodejs.internal.bridge')].fillMeta(import.meta, ${JSON.stringify(file)});` : '';
  return meta + stripMarks(source);
});

// A module that CommonJS requires: it has to be ready at once.
function requireModule(file) {
  const promise = host.importModule(file);
  while (host.promiseState(promise) === 0 && host.runJobs()) {
    if (host.promiseState(promise) === 0) {
      throw coded(Error, 'ERR_REQUIRE_ASYNC_MODULE', `require() cannot be used on an ESM graph with top-level await. Use import() instead. Requiring ${file}`);
    }
  }
  if (host.promiseState(promise) === 2) {
    promise.catch(() => {});
    throw host.promiseResult(promise);
  }
  const namespace = host.promiseResult(promise);
  return Object.hasOwn(namespace, 'module.exports') ? namespace['module.exports'] : namespace;
}

// ---- the entry

let mainFile;
let prepared = null;
let failed = null;

function findMain(path) {
  const found = paths.isFile(path) ? path : paths.tryFile(path) || (paths.isFolder(path) ? paths.tryFolder(path) : null);
  if (found === null) throw paths.notFound(path, path, []);
  mainFile = paths.realPath(found);
  process.argv[1] = mainFile;
}

const mainIsModule = () => /\.[cm]?ts$/.test(mainFile) || formatOf(mainFile, mainFile.endsWith('.js') ? host.fsReadText(mainFile) : undefined) === 'module';

function runMain(path) {
  findMain(path);
  if (mainIsModule()) return host.importModule(mainFile);
  Module._load(mainFile, null, true);
  return undefined;
}

// The module of the entry before its own code has run: what it requires first finds it as its parent.
let preparation = null;
function prepareMain() {
  if (preparation !== null) return preparation;
  findMain(internal.settings.main);
  const isModule = mainIsModule();
  const main = new Module(mainFile, null);
  if (!isModule) {
    process.mainModule = main;
    main.id = '.';
    main.filename = mainFile;
    main.paths = paths.moduleFolders(paths.parentOf(mainFile));
    Module._cache[mainFile] = main;
    prepared = main;
  }
  preparation = { main, isModule };
  return preparation;
}

// What it throws is thrown where the entry asks for it.
function preloadRequire(request) {
  try {
    preparation.main.require(request);
  } catch (error) {
    failed = { request, error };
    host.failLoading();
  }
}

function preloadImport(request) {
  const promise = host.importModule(resolveModule(request, mainFile));
  // One that waits for something outside goes on waiting when the program runs.
  if (host.promiseState(promise) === 0) host.runJobs();
  if (host.promiseState(promise) !== 1) host.failLoading();
  promise.catch(() => {});
}

Module.runMain = () => runMain(process.argv[1]);
Module.register = () => { throw refused('module.register', 'loaders run in a thread of their own, and a guest has one'); };
Module.syncBuiltinESMExports = () => {};
Module.enableCompileCache = () => ({ status: 3 });
Module.stripTypeScriptTypes = (code, options = {}) => {
  if (options.mode !== undefined && options.mode !== 'strip') throw refused(`stripping types in mode '${options.mode}'`, "only mode 'strip' is there");
  return stripTypes(code, options.sourceUrl || '<input>');
};

module.exports = { Module, runMain, prepareMain, preloadRequire, preloadImport, findBuiltin, BUILTINS };
