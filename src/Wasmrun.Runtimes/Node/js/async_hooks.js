'use strict';

const { host } = internal;
const timers = require('internal/timers');
const { refused } = require('internal/errors');

let hooked = false;

// The context is an immutable map from storages to their values; promises, timers and sockets carry it along.
function start() {
  if (hooked) return;
  hooked = true;
  host.hookPromises(Symbol('async context'));
  timers.useContext(host.getContext, host.setContext);
}

function within(context, callback, self, args) {
  const former = host.getContext();
  host.setContext(context);
  try {
    return Reflect.apply(callback, self, args);
  } finally {
    host.setContext(former);
  }
}

function changed(change) {
  const context = new Map(host.getContext() || []);
  change(context);
  return context;
}

class AsyncLocalStorage {
  constructor(options = {}) {
    start();
    this._default = options.defaultValue;
    this.name = options.name || '';
  }
  run(store, callback, ...args) { return within(changed((context) => context.set(this, store)), callback, undefined, args); }
  exit(callback, ...args) { return within(changed((context) => context.delete(this)), callback, undefined, args); }
  enterWith(store) { host.enterContext(changed((context) => context.set(this, store))); }
  disable() { host.enterContext(changed((context) => context.delete(this))); }
  getStore() {
    const context = host.getContext();
    return context !== undefined && context.has(this) ? context.get(this) : this._default;
  }
  static bind(callback) { return AsyncResource.bind(callback); }
  static snapshot() {
    start();
    const context = host.getContext();
    return (callback, ...args) => within(context, callback, undefined, args);
  }
}

let lastId = 1;

class AsyncResource {
  constructor(type, options = {}) {
    this.type = type;
    this._context = host.getContext();
    this._id = ++lastId;
    this._trigger = typeof options === 'number' ? options : options.triggerAsyncId || 1;
  }
  runInAsyncScope(callback, self, ...args) { return within(this._context, callback, self, args); }
  bind(callback, self) {
    const resource = this;
    return function (...args) { return resource.runInAsyncScope(callback, self === undefined ? this : self, ...args); };
  }
  emitDestroy() { return this; }
  asyncId() { return this._id; }
  triggerAsyncId() { return this._trigger; }
  static bind(callback, type, self) { return new AsyncResource(type || callback.name || 'bound-anonymous-fn').bind(callback, self); }
}

module.exports = {
  AsyncLocalStorage, AsyncResource, executionAsyncId: () => 1, triggerAsyncId: () => 0, executionAsyncResource: () => ({}), asyncWrapProviders: {},
  createHook: () => ({ enable() { throw refused('async_hooks.createHook', 'only AsyncLocalStorage and AsyncResource follow what is asynchronous'); }, disable() { return this; } }),
};
