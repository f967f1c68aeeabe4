// What is there without being required.
'use strict';

const { host } = internal;
const timers = require('internal/timers');

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

// What few programs use is loaded when they do.
function defineLazily(names, load) {
  for (const name of names) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      enumerable: false,
      get() {
        const value = load()[name];
        define(name, value);
        return value;
      },
      set(value) { define(name, value); },
    });
  }
}

for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate']) define(name, timers[name]);

// util.promisify takes these.
for (const name of ['setTimeout', 'setImmediate']) {
  Object.defineProperty(timers[name], Symbol.for('nodejs.util.promisify.custom'), { get: () => require('timers/promises')[name] });
}

define('queueMicrotask', (callback) => {
  if (typeof callback !== 'function') throw require('internal/errors').invalidArgType('callback', 'function', callback);
  Promise.resolve().then(() => {
    try {
      callback();
    } catch (error) {
      require('internal/uncaught').uncaught(error);
    }
  });
});

const { Buffer, atob, btoa } = require('buffer');
define('Buffer', Buffer);
define('atob', atob);
define('btoa', btoa);
define('gc', undefined);
define('performance', { now: () => host.now(), get timeOrigin() { return host.started(); }, toJSON: () => ({ timeOrigin: host.started() }) });

defineLazily(['console'], () => ({ console: require('console') }));
defineLazily(['TextEncoder', 'TextDecoder'], () => require('internal/encoding'));
defineLazily(['URL', 'URLSearchParams'], () => require('internal/url'));
defineLazily(['Event', 'EventTarget', 'CustomEvent', 'AbortController', 'AbortSignal', 'MessageChannel', 'MessagePort', 'MessageEvent', 'BroadcastChannel'], () => require('internal/event_target'));
defineLazily(['Blob', 'File'], () => require('internal/blob'));
defineLazily(['ReadableStream', 'ReadableStreamDefaultReader', 'WritableStream', 'TransformStream', 'ByteLengthQueuingStrategy', 'CountQueuingStrategy', 'TextEncoderStream', 'TextDecoderStream'], () => require('internal/webstreams'));
defineLazily(['fetch', 'Headers', 'Request', 'Response', 'FormData'], () => require('internal/fetch'));
defineLazily(['crypto'], () => ({ crypto: require('crypto').webcrypto }));
defineLazily(['CryptoKey', 'SubtleCrypto'], () => require('internal/crypto_subtle'));
defineLazily(['structuredClone'], () => require('internal/structured_clone'));
if (globalThis.DOMException === undefined) defineLazily(['DOMException'], () => require('internal/dom_exception'));
