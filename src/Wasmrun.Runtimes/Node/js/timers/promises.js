'use strict';

const timers = require('internal/timers');

function wait(start, stop, value, options = {}) {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    const fail = () => {
      stop(timer);
      const error = new Error('The operation was aborted');
      reject(Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR', cause: signal.reason }));
    };
    let timer;
    if (signal && signal.aborted) {
      fail();
      return;
    }
    timer = start(() => {
      if (signal) signal.removeEventListener('abort', fail);
      resolve(value);
    });
    if (options.ref === false) timer.unref();
    if (signal) signal.addEventListener('abort', fail, { once: true });
  });
}

const setTimeout = (delay, value, options) => wait((done) => timers.setTimeout(done, delay), timers.clearTimeout, value, options);
const setImmediate = (value, options) => wait((done) => timers.setImmediate(done), timers.clearImmediate, value, options);

async function* setInterval(delay, value, options) {
  for (;;) yield setTimeout(delay, value, options);
}

module.exports = { setTimeout, setImmediate, setInterval, scheduler: { wait: (delay, options) => setTimeout(delay, undefined, options), yield: () => setImmediate() } };
