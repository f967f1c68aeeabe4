// Stack traces in the shape that programs for Node read: a head line, and call sites with the methods of V8.
'use strict';

Error.stackTraceLimit = 10;

const former = Error.prepareStackTrace;
Error.prepareStackTrace = (error, sites) => sites;
const sample = new Error().stack;
Error.prepareStackTrace = former;

// By how much the first line of a file begins later than in the file, because a function is written around its source.
const shifts = new Map();

const CallSite = Array.isArray(sample) && sample.length > 0 ? Object.getPrototypeOf(sample[0]) : undefined;
if (CallSite) {
  const columnOf = CallSite.getColumnNumber;
  CallSite.getColumnNumber = function getColumnNumber() {
    const column = columnOf.call(this);
    const shift = this.getLineNumber() === 1 ? shifts.get(this.getFileName()) : undefined;
    return shift === undefined ? column : Math.max(1, column - shift);
  };
  const methods = {
    isEval: () => false, getThis: () => undefined, getTypeName: () => null, getMethodName: () => null, isToplevel: () => true,
    isConstructor: () => false, isAsync: () => false, isPromiseAll: () => false, getPromiseIndex: () => null,
    getEvalOrigin: () => undefined, getFunction: () => undefined,
    getScriptNameOrSourceURL() { return this.getFileName(); },
    toString() { return format(this); },
  };
  for (const name of Object.keys(methods)) {
    if (!Object.hasOwn(CallSite, name)) {
      Object.defineProperty(CallSite, name, { value: methods[name], configurable: true, writable: true });
    }
  }
}

function format(site) {
  const name = site.getFunctionName();
  const place = site.isNative() ? 'native' : `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`;
  return name && name !== '<anonymous>' ? `${name} (${place})` : place;
}

function headOf(error) {
  try {
    const name = error.name === undefined ? 'Error' : String(error.name);
    const message = error.message === undefined ? '' : String(error.message);
    return name && message ? `${name}: ${message}` : name || message;
  } catch {
    return 'Error';
  }
}

Error.prepareStackTrace = (error, sites) => {
  let stack = headOf(error);
  for (const site of sites) stack += '\n    at ' + format(site);
  return stack;
};

module.exports = { headOf, shifts };
