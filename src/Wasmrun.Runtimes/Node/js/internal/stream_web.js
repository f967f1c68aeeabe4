// Node's streams as streams of the web, and the other way round.
'use strict';

const { ReadableStream, WritableStream } = require('internal/webstreams');

function aborted() {
  const error = new Error('Premature close');
  error.code = 'ERR_STREAM_PREMATURE_CLOSE';
  return error;
}

function readableToWeb(readable, options = {}) {
  let done = false;
  const toChunk = (chunk) => (typeof chunk === 'string' || readable.readableObjectMode ? chunk : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  return new ReadableStream({
    start(controller) {
      const finish = (error) => {
        if (done) return;
        done = true;
        if (error) controller.error(error);
        else controller.close();
      };
      readable.on('data', (chunk) => {
        if (done) return;
        controller.enqueue(toChunk(chunk));
        if (controller.desiredSize <= 0) readable.pause();
      });
      readable.once('end', () => finish());
      readable.once('error', finish);
      readable.once('close', () => finish(readable.readableEnded ? undefined : aborted()));
      if (readable.readableEnded) finish();
      else if (readable.destroyed) finish(readable.errored || aborted());
      readable.pause();
    },
    pull() { readable.resume(); },
    cancel(reason) {
      done = true;
      readable.destroy(reason instanceof Error ? reason : undefined);
    },
  }, options.strategy || { highWaterMark: 1 });
}

function writableToWeb(writable) {
  return new WritableStream({
    start(controller) {
      writable.once('error', (error) => controller.error(error));
      writable.once('close', () => { if (!writable.writableFinished) controller.error(writable.errored || aborted()); });
    },
    write: (chunk) => (writable.write(chunk) ? undefined : new Promise((resolve) => {
      const go = () => {
        writable.removeListener('drain', go);
        writable.removeListener('close', go);
        resolve();
      };
      writable.on('drain', go).on('close', go);
    })),
    close: () => new Promise((resolve) => writable.end(resolve)),
    abort(reason) { writable.destroy(reason instanceof Error ? reason : undefined); },
  });
}

function readableFromWeb(Readable, stream, options) {
  const reader = stream.getReader();
  return new Readable({
    ...options,
    read() {
      reader.read().then(({ done, value }) => this.push(done ? null : value), (error) => this.destroy(error));
    },
    destroy(error, callback) {
      reader.cancel(error || undefined).then(() => callback(error), () => callback(error));
    },
  });
}

function writableFromWeb(Writable, stream, options) {
  const writer = stream.getWriter();
  return new Writable({
    ...options,
    write(chunk, encoding, callback) { writer.write(chunk).then(() => callback(), callback); },
    final(callback) { writer.close().then(() => callback(), callback); },
    destroy(error, callback) {
      if (!error) return callback();
      writer.abort(error).then(() => callback(error), () => callback(error));
    },
  });
}

module.exports = { readableToWeb, readableFromWeb, writableToWeb, writableFromWeb };
