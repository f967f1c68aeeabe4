// Work of the host that nobody waits for: one after the other, as far as it goes at a time, and the event loop in between.
'use strict';

const { adopt } = require('internal/crypto_bytes');

// A line to stand in. What goOn answers is null until it is done.
function line(goOn, pause) {
  let last = Promise.resolve();
  return async function inTurn(begin) {
    const former = last;
    let done;
    last = new Promise((resolve) => { done = resolve; });
    await former;
    try {
      begin();
      for (;;) {
        const result = goOn();
        if (result !== null) return adopt(result);
        await new Promise(pause);
      }
    } finally {
      done();
    }
  };
}

module.exports = { line };
