'use strict';

const { host } = internal;
const { refused } = require('internal/errors');

const fileOf = (options) => (typeof options === 'string' ? options : (options && options.filename) || 'evalmachine.<anonymous>');

function timed(options, run) {
  const limit = options && options.timeout;
  if (limit === undefined) return run();
  if (!Number.isInteger(limit) || limit < 1) throw require('internal/errors').outOfRange('options.timeout', '>= 1', limit);
  return host.callWithin(run, limit);
}

class Script {
  constructor(source, options) {
    this._source = String(source);
    this._file = fileOf(options);
    // What does not parse is told now.
    new Function(`return function () {\n${this._source}\n}`);
  }
  runInThisContext(options) { return timed(options, () => host.evaluate(this._source, this._file)); }
  runInContext(context, options) { return runInContext(this._source, context, options); }
  runInNewContext(context, options) { return runInContext(this._source, context || {}, options); }
}

// The names of the object are seen by the code; it is no wall around it, as Node's is none either.
function runInContext(source, context, options) {
  const run = new Function('context', `with (context) { return eval(${JSON.stringify(String(source))}); }`);
  const scope = new Proxy(context, {
    has: (target, name) => name !== 'eval',
    get: (target, name) => (name === Symbol.unscopables ? undefined : name in target ? target[name] : globalThis[name]),
  });
  return timed(options, () => run(scope));
}

module.exports = {
  Script, runInContext, runInNewContext: (source, context = {}, options) => runInContext(source, context, options),
  runInThisContext: (source, options) => timed(options, () => host.evaluate(String(source), fileOf(options))),
  createContext: (context = {}) => context, isContext: (context) => typeof context === 'object' && context !== null,
  compileFunction: (source, names = []) => new Function(...names, source),
  measureMemory() { throw refused('vm.measureMemory', 'the engine is QuickJS, not V8'); },
};
