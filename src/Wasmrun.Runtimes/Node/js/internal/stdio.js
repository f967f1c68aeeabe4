// The standard streams. Output is written at once, so that nothing is lost whatever happens next.
'use strict';

const { host } = internal;
const { Writable, Readable } = require('stream');

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

function input() {
  const stream = new Readable({ read() { this.push(null); } });
  stream.fd = 0;
  stream.isTTY = false;
  stream.setRawMode = function () { return this; };
  stream.ref = stream.unref = function () { return this; };
  return stream;
}

module.exports = { output, input };
