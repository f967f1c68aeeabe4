'use strict';

const { inspect } = require('internal/inspect');
const { format, formatWithOptions } = require('internal/format');
const { coded, invalidArgType } = require('internal/errors');
const types = require('util/types');

const customPromisify = Symbol.for('nodejs.util.promisify.custom');

function promisify(original) {
  if (typeof original !== 'function') throw invalidArgType('original', 'Function', original);
  if (original[customPromisify]) return original[customPromisify];
  function promisified(...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...args, (error, ...values) => {
        if (error) reject(error);
        else resolve(values[0]);
      }]);
    });
  }
  Object.setPrototypeOf(promisified, Object.getPrototypeOf(original));
  return Object.defineProperties(promisified, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = customPromisify;

function callbackify(original) {
  return function (...args) {
    const callback = args.pop();
    Reflect.apply(original, this, args).then(
      (value) => process.nextTick(callback, null, value),
      (error) => {
        if (!error) {
          const wrapped = coded(Error, 'ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value');
          wrapped.reason = error;
          error = wrapped;
        }
        process.nextTick(callback, error);
      },
    );
  };
}

const warned = new Set();

function deprecate(original, message, code) {
  if (process.noDeprecation === true) return original;
  let told = false;
  function deprecated(...args) {
    if (!told) {
      told = true;
      if (code === undefined || !warned.has(code)) {
        warned.add(code);
        process.emitWarning(message, 'DeprecationWarning', code);
      }
    }
    return new.target ? Reflect.construct(original, args, new.target) : Reflect.apply(original, this, args);
  }
  Object.setPrototypeOf(deprecated, original);
  if (original.prototype) deprecated.prototype = original.prototype;
  return deprecated;
}

function inherits(constructor, superConstructor) {
  if (typeof constructor !== 'function') throw invalidArgType('ctor', 'Function', constructor);
  if (typeof superConstructor !== 'function') throw invalidArgType('superCtor', 'Function', superConstructor);
  Object.defineProperty(constructor, 'super_', { value: superConstructor, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, superConstructor.prototype);
}

function debuglog(section) {
  const wanted = (process.env.NODE_DEBUG || '').split(',').map((each) => each.trim().toUpperCase());
  const enabled = wanted.includes(section.toUpperCase()) || wanted.includes('*');
  const log = enabled ? (...args) => process.stderr.write(`${section.toUpperCase()} ${process.pid}: ${format(...args)}\n`) : () => {};
  log.enabled = enabled;
  return log;
}

function styleText(style, text) {
  let result = String(text);
  for (const name of [].concat(style)) {
    const codes = inspect.colors[name];
    if (codes === undefined) throw require('internal/errors').invalidArgValue('format', name);
    result = `\u001b[${codes[0]}m${result}\u001b[${codes[1]}m`;
  }
  return result;
}

function parseArgs({ args = process.argv.slice(2), options = {}, strict = true, allowPositionals = !strict, tokens = false } = {}) {
  const values = Object.create(null);
  const positionals = [];
  for (const [name, option] of Object.entries(options)) if (option.default !== undefined) values[name] = option.default;
  const byShort = new Map(Object.entries(options).filter(([, option]) => option.short).map(([name, option]) => [option.short, name]));
  const fail = (code, message) => { throw coded(TypeError, code, message); };
  const store = (name, value, raw) => {
    const option = options[name];
    if (option === undefined && strict) fail('ERR_PARSE_ARGS_UNKNOWN_OPTION', `Unknown option '${raw}'`);
    if (option && option.type === 'string' && typeof value !== 'string' && strict) fail('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${raw} <value>' argument missing`);
    if (option && option.type === 'boolean' && typeof value === 'string' && strict) fail('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${raw}' does not take an argument`);
    if (option && option.multiple) values[name] = (Array.isArray(values[name]) && values[name] !== option.default ? values[name] : []).concat(value);
    else values[name] = value;
  };
  for (let i = 0; i < args.length; i++) {
    const argument = args[i];
    if (argument === '--') {
      positionals.push(...args.slice(i + 1));
      break;
    }
    if (argument.startsWith('--')) {
      const [name, value] = argument.includes('=') ? [argument.slice(2, argument.indexOf('=')), argument.slice(argument.indexOf('=') + 1)] : [argument.slice(2), undefined];
      if (value !== undefined) store(name, value, `--${name}`);
      else if (options[name] && options[name].type === 'string' && i + 1 < args.length) store(name, args[++i], `--${name}`);
      else store(name, true, `--${name}`);
    } else if (argument.startsWith('-') && argument.length > 1) {
      for (let j = 1; j < argument.length; j++) {
        const name = byShort.get(argument[j]) || argument[j];
        if (options[name] && options[name].type === 'string') {
          store(name, j + 1 < argument.length ? argument.slice(j + 1) : args[++i], `-${argument[j]}`);
          break;
        }
        store(name, true, `-${argument[j]}`);
      }
    } else {
      if (strict && !allowPositionals) fail('ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL', `Unexpected argument '${argument}'. This command does not take positional arguments`);
      positionals.push(argument);
    }
  }
  return { values, positionals };
}

function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

module.exports = {
  inspect, format, formatWithOptions, types, promisify, callbackify, deprecate, inherits, debuglog, debug: debuglog, styleText, parseArgs, aborted,
  get TextEncoder() { return globalThis.TextEncoder; },
  get TextDecoder() { return globalThis.TextDecoder; },
  isDeepStrictEqual: (a, b) => require('internal/deep_equal')(a, b, true),
  stripVTControlCharacters: (text) => text.replace(/[\u001b\u009b][[()#;?]*(?:[0-9]{1,4}(?:;[0-9]{0,4})*)?[0-9A-ORZcf-nqry=><]/g, ''),
  toUSVString: (text) => String(text).toWellFormed(),
  getSystemErrorName: (number) => {
    const found = Object.entries(require('os').constants.errno).find(([, value]) => value === -number);
    return found && found[0];
  },
  transferableAbortController: () => new AbortController(),
  isArray: Array.isArray,
  isBoolean: (value) => typeof value === 'boolean',
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isString: (value) => typeof value === 'string',
  isSymbol: (value) => typeof value === 'symbol',
  isUndefined: (value) => value === undefined,
  isRegExp: types.isRegExp,
  isObject: (value) => value !== null && typeof value === 'object',
  isDate: types.isDate,
  isError: (value) => value instanceof Error,
  isFunction: (value) => typeof value === 'function',
  isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
};
