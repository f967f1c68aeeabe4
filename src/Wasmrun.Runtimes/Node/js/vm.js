'use strict';

const { host } = internal;
const { refused } = require('internal/errors');

const fileOf = (options) => (typeof options === 'string' ? options : (options && options.filename) || 'evalmachine.<anonymous>');

class Script {
  constructor(source, options) {
    this._source = String(source);
    this._file = fileOf(options);
    // What does not parse is told now.
    new Function(`return function () {\n${this._source}\n}`);
  }
  runInThisContext() { return host.evaluate(this._source, this._file); }
  runInContext(context) { return runInContext(this._source, context, this._file); }
  runInNewContext(context) { return runInContext(this._source, context || {}, this._file); }
}

// The names of the object are seen by the code; it is no wall around it, as Node's is none either.
function runInContext(source, context) {
  return new Function('context', `with (context) { return eval(${JSON.stringify(String(source))}); }`)(new Proxy(context, {
    has: (target, name) => name !== 'eval',
    get: (target, name) => (name === Symbol.unscopables ? undefined : name in target ? target[name] : globalThis[name]),
  }));
}

module.exports = {
  Script, runInContext, runInNewContext: (source, context = {}, options) => runInContext(source, context, options),
  runInThisContext: (source, options) => host.evaluate(String(source), fileOf(options)),
  createContext: (context = {}) => context, isContext: (context) => typeof context === 'object' && context !== null,
  compileFunction: (source, names = []) => new Function(...names, source),
  measureMemory() { throw refused('vm.measureMemory', 'the engine is QuickJS, not V8'); },
};
