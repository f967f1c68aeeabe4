'use strict';

const { coded, invalidArgType } = require('internal/errors');

const errorMonitor = Symbol('events.errorMonitor');
const captureRejectionSymbol = Symbol.for('nodejs.rejection');
const kCapture = Symbol('kCapture');
let defaultMaxListeners = 10;

function checkListener(listener) {
  if (typeof listener !== 'function') throw invalidArgType('listener', 'function', listener);
}

function EventEmitter(options) {
  EventEmitter.init.call(this, options);
}

EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;

EventEmitter.init = function (options) {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = { __proto__: null };
    this._eventsCount = 0;
  }
  this._maxListeners = this._maxListeners || undefined;
  if (options && options.captureRejections) this[kCapture] = true;
};

Object.defineProperty(EventEmitter, 'defaultMaxListeners', {
  enumerable: true,
  get: () => defaultMaxListeners,
  set(count) {
    if (typeof count !== 'number' || count < 0 || Number.isNaN(count)) throw require('internal/errors').outOfRange('defaultMaxListeners', 'a non-negative number', count);
    defaultMaxListeners = count;
  },
});

EventEmitter.prototype.setMaxListeners = function setMaxListeners(count) {
  if (typeof count !== 'number' || count < 0 || Number.isNaN(count)) throw require('internal/errors').outOfRange('setMaxListeners', 'a non-negative number', count);
  this._maxListeners = count;
  return this;
};

EventEmitter.prototype.getMaxListeners = function getMaxListeners() {
  return this._maxListeners === undefined ? defaultMaxListeners : this._maxListeners;
};

function unhandled(error) {
  if (error instanceof Error) throw error;
  let shown;
  try {
    shown = require('internal/inspect').inspect(error);
  } catch {
    shown = error;
  }
  const wrapped = coded(Error, 'ERR_UNHANDLED_ERROR', error === undefined ? 'Unhandled error.' : `Unhandled error. (${shown})`);
  wrapped.context = error;
  throw wrapped;
}

function capture(emitter, promise, type, args) {
  promise.then(undefined, (error) => {
    process.nextTick(() => {
      if (typeof emitter[captureRejectionSymbol] === 'function') emitter[captureRejectionSymbol](error, type, ...args);
      else emitter.emit('error', error);
    });
  });
}

function callAll(emitter, handler, type, args) {
  if (typeof handler === 'function') {
    const result = handler.apply(emitter, args);
    if (emitter[kCapture] && result && typeof result.then === 'function') capture(emitter, result, type, args);
    return;
  }
  const listeners = handler.slice();
  for (let i = 0; i < listeners.length; i++) {
    const result = listeners[i].apply(emitter, args);
    if (emitter[kCapture] && result && typeof result.then === 'function') capture(emitter, result, type, args);
  }
}

EventEmitter.prototype.emit = function emit(type, ...args) {
  const events = this._events;
  if (type === 'error') {
    if (events !== undefined && events[errorMonitor] !== undefined) callAll(this, events[errorMonitor], type, args);
    if (events === undefined || events.error === undefined) unhandled(args[0]);
  }
  if (events === undefined) return false;
  const handler = events[type];
  if (handler === undefined) return false;
  callAll(this, handler, type, args);
  return true;
};

function add(emitter, type, listener, prepend) {
  checkListener(listener);
  let events = emitter._events;
  if (events === undefined) {
    events = emitter._events = Object.create(null);
    emitter._eventsCount = 0;
  } else if (events.newListener !== undefined) {
    emitter.emit('newListener', type, listener.listener || listener);
    events = emitter._events;
  }
  const existing = events[type];
  if (existing === undefined) {
    events[type] = listener;
    emitter._eventsCount++;
    return emitter;
  }
  let list = existing;
  if (typeof existing === 'function') list = events[type] = prepend ? [listener, existing] : [existing, listener];
  else if (prepend) existing.unshift(listener);
  else existing.push(listener);
  const most = emitter._maxListeners === undefined ? defaultMaxListeners : emitter._maxListeners;
  if (most > 0 && list.length > most && !list.warned) {
    list.warned = true;
    const warning = new Error(`Possible EventEmitter memory leak detected. ${list.length} ${String(type)} listeners added to `
      + `${emitter.constructor ? `[${emitter.constructor.name}]` : 'an emitter'}. MaxListeners is ${most}. Use emitter.setMaxListeners() to increase limit`);
    Object.assign(warning, { name: 'MaxListenersExceededWarning', emitter, type, count: list.length });
    process.emitWarning(warning);
  }
  return emitter;
}

EventEmitter.prototype.addListener = function addListener(type, listener) { return add(this, type, listener, false); };
EventEmitter.prototype.on = EventEmitter.prototype.addListener;
EventEmitter.prototype.prependListener = function prependListener(type, listener) { return add(this, type, listener, true); };

function wrapOnce(emitter, type, listener) {
  let fired = false;
  function wrapped(...args) {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(type, wrapped);
    return listener.apply(emitter, args);
  }
  wrapped.listener = listener;
  return wrapped;
}

EventEmitter.prototype.once = function once(type, listener) {
  checkListener(listener);
  return this.on(type, wrapOnce(this, type, listener));
};

EventEmitter.prototype.prependOnceListener = function prependOnceListener(type, listener) {
  checkListener(listener);
  return this.prependListener(type, wrapOnce(this, type, listener));
};

EventEmitter.prototype.removeListener = function removeListener(type, listener) {
  checkListener(listener);
  const events = this._events;
  const list = events && events[type];
  if (list === undefined) return this;
  if (list === listener || list.listener === listener) {
    delete events[type];
    this._eventsCount--;
    if (events.removeListener) this.emit('removeListener', type, list.listener || listener);
    return this;
  }
  if (typeof list === 'function') return this;
  for (let i = list.length - 1; i >= 0; i--) {
    if (list[i] !== listener && list[i].listener !== listener) continue;
    const original = list[i].listener || list[i];
    // A list that is being called is not changed under the call.
    if (list.length === 2) events[type] = list[1 - i];
    else list.splice(i, 1);
    if (events.removeListener !== undefined) this.emit('removeListener', type, original);
    break;
  }
  return this;
};
EventEmitter.prototype.off = EventEmitter.prototype.removeListener;

EventEmitter.prototype.removeAllListeners = function removeAllListeners(type) {
  const events = this._events;
  if (events === undefined) return this;
  if (events.removeListener === undefined) {
    if (arguments.length === 0) {
      this._events = Object.create(null);
      this._eventsCount = 0;
    } else if (events[type] !== undefined) {
      delete events[type];
      this._eventsCount--;
    }
    return this;
  }
  if (arguments.length === 0) {
    for (const key of Reflect.ownKeys(events)) if (key !== 'removeListener') this.removeAllListeners(key);
    this.removeAllListeners('removeListener');
    return this;
  }
  const list = events[type];
  if (typeof list === 'function') this.removeListener(type, list);
  else if (list !== undefined) for (const listener of list.slice().reverse()) this.removeListener(type, listener);
  return this;
};

function listenersOf(emitter, type, unwrap) {
  const list = emitter._events && emitter._events[type];
  if (list === undefined) return [];
  return (typeof list === 'function' ? [list] : list.slice()).map((each) => (unwrap ? each.listener || each : each));
}

EventEmitter.prototype.listeners = function listeners(type) { return listenersOf(this, type, true); };
EventEmitter.prototype.rawListeners = function rawListeners(type) { return listenersOf(this, type, false); };

EventEmitter.prototype.listenerCount = function listenerCount(type, listener) {
  const list = this._events && this._events[type];
  if (list === undefined) return 0;
  if (listener !== undefined) return listenersOf(this, type, true).filter((each) => each === listener).length;
  return typeof list === 'function' ? 1 : list.length;
};

EventEmitter.prototype.eventNames = function eventNames() {
  return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : [];
};

function once(emitter, name, options = {}) {
  const signal = options && options.signal;
  return new Promise((resolve, reject) => {
    const abort = () => {
      cleanUp();
      reject(signal.reason);
    };
    if (signal && signal.aborted) {
      reject(signal.reason);
      return;
    }
    const done = (...args) => {
      cleanUp();
      resolve(args);
    };
    const fail = (error) => {
      cleanUp();
      reject(error);
    };
    const isTarget = typeof emitter.addEventListener === 'function' && typeof emitter.on !== 'function';
    const cleanUp = () => {
      if (isTarget) emitter.removeEventListener(name, done);
      else {
        emitter.removeListener(name, done);
        emitter.removeListener('error', fail);
      }
      if (signal) signal.removeEventListener('abort', abort);
    };
    if (isTarget) emitter.addEventListener(name, done, { once: true });
    else {
      emitter.once(name, done);
      if (name !== 'error') emitter.once('error', fail);
    }
    if (signal) signal.addEventListener('abort', abort, { once: true });
  });
}

function on(emitter, name, options = {}) {
  const arrived = [];
  const waiting = [];
  let failure = null;
  let finished = false;
  const arrive = (...args) => {
    if (waiting.length > 0) waiting.shift().resolve({ value: args, done: false });
    else arrived.push(args);
  };
  const fail = (error) => {
    if (waiting.length > 0) waiting.shift().reject(error);
    else failure = error;
    iterator.return();
  };
  const abort = () => fail(options.signal.reason);
  const iterator = {
    next() {
      if (arrived.length > 0) return Promise.resolve({ value: arrived.shift(), done: false });
      if (failure !== null) {
        const error = failure;
        failure = null;
        return Promise.reject(error);
      }
      if (finished) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return() {
      finished = true;
      emitter.removeListener(name, arrive);
      emitter.removeListener('error', fail);
      if (options.signal) options.signal.removeEventListener('abort', abort);
      for (const each of waiting.splice(0)) each.resolve({ value: undefined, done: true });
      return Promise.resolve({ value: undefined, done: true });
    },
    throw(error) {
      fail(error);
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() { return this; },
  };
  emitter.on(name, arrive);
  if (name !== 'error') emitter.on('error', fail);
  for (const end of options.close || []) emitter.once(end, () => iterator.return());
  if (options.signal) options.signal.addEventListener('abort', abort, { once: true });
  return iterator;
}

module.exports = EventEmitter;
Object.assign(EventEmitter, {
  EventEmitter, captured: kCapture, once, on, errorMonitor, captureRejectionSymbol, captureRejections: false, usingDomains: false,
  getEventListeners: (emitter, type) => (typeof emitter.listeners === 'function' ? emitter.listeners(type) : emitter[Symbol.for('nodejs.listeners')](type)),
  getMaxListeners: (emitter) => (typeof emitter.getMaxListeners === 'function' ? emitter.getMaxListeners() : defaultMaxListeners),
  listenerCount: (emitter, type) => emitter.listenerCount(type),
  setMaxListeners(count = defaultMaxListeners, ...emitters) {
    if (emitters.length === 0) EventEmitter.defaultMaxListeners = count;
    for (const emitter of emitters) if (typeof emitter.setMaxListeners === 'function') emitter.setMaxListeners(count);
  },
  addAbortListener(signal, listener) {
    if (signal.aborted) queueMicrotask(() => listener());
    else signal.addEventListener('abort', listener, { once: true });
    return { [Symbol.dispose]() { signal.removeEventListener('abort', listener); } };
  },
});
EventEmitter.EventEmitterAsyncResource = class EventEmitterAsyncResource extends EventEmitter {
  constructor(options = {}) {
    super(options);
    const { AsyncResource } = require('async_hooks');
    this.asyncResource = new AsyncResource(options.name || new.target.name);
  }
  emit(...args) { return this.asyncResource.runInAsyncScope(super.emit, this, ...args); }
};
