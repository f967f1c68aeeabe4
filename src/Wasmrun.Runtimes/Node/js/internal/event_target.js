'use strict';

const { invalidArgType } = require('internal/errors');

class Event {
  constructor(type, options = {}) {
    if (arguments.length === 0) throw invalidArgType('type', 'string', type);
    this._type = String(type);
    this._options = options || {};
    this._target = null;
    this._prevented = false;
    this._stopped = false;
    this.timeStamp = performance.now();
  }
  get type() { return this._type; }
  get target() { return this._target; }
  get currentTarget() { return this._target; }
  get srcElement() { return this._target; }
  get bubbles() { return Boolean(this._options.bubbles); }
  get cancelable() { return Boolean(this._options.cancelable); }
  get composed() { return Boolean(this._options.composed); }
  get defaultPrevented() { return this._prevented; }
  get returnValue() { return !this._prevented; }
  get eventPhase() { return this._target === null ? 0 : 2; }
  get isTrusted() { return false; }
  composedPath() { return this._target === null ? [] : [this._target]; }
  preventDefault() { if (this.cancelable) this._prevented = true; }
  stopPropagation() {}
  stopImmediatePropagation() { this._stopped = true; }
}

class CustomEvent extends Event {
  constructor(type, options = {}) {
    super(type, options);
    this.detail = options && options.detail !== undefined ? options.detail : null;
  }
}

class MessageEvent extends Event {
  constructor(type, options = {}) {
    super(type, options);
    this.data = options.data;
    this.ports = options.ports || [];
  }
}

const kListeners = Symbol('kListeners');

class EventTarget {
  constructor() {
    Object.defineProperty(this, kListeners, { value: new Map(), enumerable: false });
  }
  addEventListener(type, listener, options = {}) {
    if (listener === null || listener === undefined) return;
    if (typeof options === 'boolean') options = { capture: options };
    if (options.signal && options.signal.aborted) return;
    const list = this[kListeners].get(type) || [];
    if (list.some((each) => each.listener === listener && each.capture === Boolean(options.capture))) return;
    this[kListeners].set(type, [...list, { listener, once: Boolean(options.once), capture: Boolean(options.capture) }]);
    if (options.signal) options.signal.addEventListener('abort', () => this.removeEventListener(type, listener, options), { once: true });
  }
  removeEventListener(type, listener, options = {}) {
    const capture = Boolean(typeof options === 'boolean' ? options : options && options.capture);
    const list = this[kListeners].get(type);
    if (list) this[kListeners].set(type, list.filter((each) => each.listener !== listener || each.capture !== capture));
  }
  dispatchEvent(event) {
    if (!(event instanceof Event)) throw invalidArgType('event', 'Event', event);
    event._target = this;
    for (const each of this[kListeners].get(event.type) || []) {
      if (each.once) this.removeEventListener(event.type, each.listener, { capture: each.capture });
      try {
        if (typeof each.listener === 'function') each.listener.call(this, event);
        else each.listener.handleEvent(event);
      } catch (error) {
        process.nextTick(() => { throw error; });
      }
      if (event._stopped) break;
    }
    return !event.defaultPrevented;
  }
  [Symbol.for('nodejs.listeners')](type) {
    return (this[kListeners].get(type) || []).map((each) => each.listener);
  }
}

// A property "onTYPE" that is a listener.
function defineHandler(target, type) {
  const key = Symbol('on' + type);
  Object.defineProperty(target, 'on' + type, {
    configurable: true,
    enumerable: true,
    get() { return this[key] || null; },
    set(listener) {
      if (this[key]) this.removeEventListener(type, this[key]);
      this[key] = typeof listener === 'function' ? listener : null;
      if (this[key]) this.addEventListener(type, this[key]);
    },
  });
}

const kCreate = Symbol('kCreate');

class AbortSignal extends EventTarget {
  constructor(key) {
    if (key !== kCreate) throw new TypeError('Illegal constructor');
    super();
    this._aborted = false;
    this._reason = undefined;
    for (const name of ['_aborted', '_reason']) Object.defineProperty(this, name, { enumerable: false });
  }
  get aborted() { return this._aborted; }
  get reason() { return this._reason; }
  throwIfAborted() { if (this._aborted) throw this._reason; }
  static abort(reason) {
    const signal = new AbortSignal(kCreate);
    abort(signal, reason);
    return signal;
  }
  static timeout(delay) {
    const signal = new AbortSignal(kCreate);
    setTimeout(() => abort(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError')), delay).unref();
    return signal;
  }
  static any(signals) {
    const result = new AbortSignal(kCreate);
    for (const signal of signals) {
      if (signal.aborted) {
        abort(result, signal.reason);
        break;
      }
      signal.addEventListener('abort', () => abort(result, signal.reason), { once: true });
    }
    return result;
  }
}
defineHandler(AbortSignal.prototype, 'abort');

function abort(signal, reason) {
  if (signal._aborted) return;
  signal._aborted = true;
  signal._reason = reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
  signal.dispatchEvent(new Event('abort'));
}

class AbortController {
  #signal = new AbortSignal(kCreate);
  get signal() { return this.#signal; }
  abort(reason) { abort(this.#signal, reason); }
}

class MessagePort extends EventTarget {
  constructor() {
    super();
    this._other = null;
    this._closed = false;
  }
  postMessage(data) {
    const other = this._other;
    if (this._closed || other === null) return;
    const copy = structuredClone(data);
    setImmediate(() => { if (!other._closed) other.dispatchEvent(new MessageEvent('message', { data: copy })); });
  }
  on(type, listener) { this.addEventListener(type, type === 'message' ? (event) => listener(event.data) : listener); return this; }
  once(type, listener) { this.addEventListener(type, type === 'message' ? (event) => listener(event.data) : listener, { once: true }); return this; }
  start() {}
  ref() { return this; }
  unref() { return this; }
  close() { this._closed = true; if (this._other) this._other._closed = true; }
}
defineHandler(MessagePort.prototype, 'message');

class MessageChannel {
  constructor() {
    this.port1 = new MessagePort();
    this.port2 = new MessagePort();
    this.port1._other = this.port2;
    this.port2._other = this.port1;
  }
}

class BroadcastChannel {
  constructor() { throw require('internal/errors').refused('BroadcastChannel', 'a guest has one thread'); }
}

module.exports = { Event, CustomEvent, MessageEvent, EventTarget, AbortSignal, AbortController, MessagePort, MessageChannel, BroadcastChannel, defineHandler };
