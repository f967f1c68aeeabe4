// The standard streams. Output is written at once, so that nothing is lost whatever happens next.
'use strict';

const { host } = internal;
const { Writable, Readable } = require('stream');
const timers = require('internal/timers');

function output(number) {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, encoding, done) {
      host.print(number, typeof chunk === 'string' && encoding !== 'utf8' && encoding !== 'utf-8' ? Buffer.from(chunk, encoding) : chunk);
      done();
    },
  });
  stream.fd = number;
  stream._type = 'pipe';
  stream.isTTY = false;
  // Ending or destroying a standard stream leaves it open, as in Node.
  stream.destroy = stream._destroy = function (error, done) { if (typeof done === 'function') done(error); return this; };
  return stream;
}

let reader = null;

// Waited for only while somebody wants it, and only then does it keep the program alive.
function want(wanted) {
  if (reader.wanted === wanted) return;
  reader.wanted = wanted;
  timers.keepAlive(wanted ? 1 : -1);
  host.readInput(wanted);
}

function input() {
  reader = new Readable({
    highWaterMark: 65536,
    read() { want(true); },
    destroy(error, done) {
      want(false);
      done(error);
    },
  });
  reader.wanted = false;
  reader.fd = 0;
  reader.isTTY = false;
  reader.setRawMode = reader.ref = reader.unref = function () { return this; };
  reader.on('pause', () => want(false));
  reader.on('resume', () => { if (reader._readableState.reading) want(true); });
  return reader;
}

host.on('input', (data) => {
  try {
    if (data === null) {
      want(false);
      reader.push(null);
      if (reader.readableLength === 0) reader.read(0);
    } else if (!reader.push(Object.setPrototypeOf(data, Buffer.prototype))) {
      want(false);
    }
  } catch (error) {
    require('internal/uncaught').uncaught(error);
  }
  timers.drain();
});

module.exports = { output, input };
