// Loads the packages that a program begins with before it is known which instance runs it, so that others can begin from there.
'use strict';

const { host } = internal;
const { process } = require('internal/process');
const loader = require('internal/loader');

// The host names them one after the other; false when they are not what the entry will ask for.
function preload(request, isImport) {
  try {
    if (loader.prepareMain().isModule !== isImport) return false;
    if (isImport) loader.preloadImport(request);
    else loader.preloadRequire(request);
  } catch {
    // It comes to light again where the entry asks for it.
    host.failLoading();
  }
  return true;
}

// What a package reads of the environment is remembered, and what it writes is the instance's own.
function observe(variables, handler, fill) {
  const own = { ...handler };
  const end = () => {
    if (handler.get === undefined) return;
    for (const trap of Object.keys(handler)) delete handler[trap];
    Object.assign(handler, own);
    fill();
  };
  const changing = (trap) => (...args) => {
    host.changeEnvironment();
    end();
    return (own[trap] || Reflect[trap])(...args);
  };
  Object.assign(handler, {
    get: (target, name) => (typeof name === 'symbol' || Object.hasOwn(Object.prototype, name) ? Reflect.get(target, name) : host.environmentValue(name)),
    has: (target, name) => (typeof name === 'symbol' ? Reflect.has(target, name) : host.environmentValue(name) !== undefined),
    ownKeys: () => host.environmentNames().split('\0').filter(Boolean),
    getOwnPropertyDescriptor: (target, name) => (typeof name !== 'symbol' && host.environmentNames().split('\0').includes(name)
      ? { get: () => process.env[name], enumerable: true, configurable: true } : undefined),
    set: changing('set'), defineProperty: changing('defineProperty'), deleteProperty: (target, name) => (typeof name === 'symbol' || host.environmentValue(name) !== undefined ? changing('deleteProperty')(target, name) : true),
    setPrototypeOf: changing('setPrototypeOf'), preventExtensions: changing('preventExtensions'),
  });
  return end;
}

module.exports = { preload, observe };
