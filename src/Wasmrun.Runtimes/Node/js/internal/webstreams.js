// The streams of the web: readable, writable and transform, with queues by count of chunks or their sizes.
'use strict';

const { coded } = require('internal/errors');

function deferred() {
  const result = {};
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
  result.promise.catch(() => {});
  return result;
}

const sizeBy = (strategy) => (strategy && typeof strategy.size === 'function' ? (chunk) => strategy.size(chunk) : () => 1);
const markOf = (strategy, fallback) => (strategy && strategy.highWaterMark !== undefined ? Number(strategy.highWaterMark) : fallback);

class ReadableStream {
  constructor(source = {}, strategy = {}) {
    this._source = source;
    this._queue = [];
    this._queued = 0;
    this._size = sizeBy(strategy);
    this._mark = markOf(strategy, source.type === 'bytes' ? 0 : 1);
    this._state = 'readable';
    this._error = undefined;
    this._closing = false;
    this._pulling = false;
    this._pullAgain = false;
    this._waiting = [];
    this._reader = null;
    this._closed = deferred();
    const stream = this;
    this._controller = {
      get desiredSize() { return stream._state === 'errored' ? null : stream._state === 'closed' ? 0 : stream._mark - stream._queued; },
      byobRequest: null,
      enqueue: (chunk) => this._enqueue(chunk),
      close: () => this._close(),
      error: (error) => this._fail(error),
    };
    this._started = Promise.resolve(source.start ? source.start(this._controller) : undefined);
    this._started.then(() => {
      this._isStarted = true;
      this._pull();
    }, (error) => this._fail(error));
  }
  get locked() { return this._reader !== null; }
  _enqueue(chunk) {
    if (this._state !== 'readable' || this._closing) throw coded(TypeError, 'ERR_INVALID_STATE', 'Invalid state: Controller is already closed');
    if (this._waiting.length > 0) this._waiting.shift().resolve({ value: chunk, done: false });
    else {
      const size = this._size(chunk);
      this._queue.push([chunk, size]);
      this._queued += size;
    }
    this._pull();
  }
  _close() {
    if (this._state !== 'readable' || this._closing) throw coded(TypeError, 'ERR_INVALID_STATE', 'Invalid state: Controller is already closed');
    this._closing = true;
    if (this._queue.length === 0) this._finish();
  }
  _finish() {
    this._state = 'closed';
    for (const waiting of this._waiting.splice(0)) waiting.resolve({ value: undefined, done: true });
    this._closed.resolve();
  }
  _fail(error) {
    if (this._state !== 'readable') return;
    this._state = 'errored';
    this._error = error;
    this._queue = [];
    for (const waiting of this._waiting.splice(0)) waiting.reject(error);
    this._closed.reject(error);
  }
  _pull() {
    if (!this._isStarted || this._state !== 'readable' || this._closing || !this._source.pull) return;
    if (this._waiting.length === 0 && this._queued >= this._mark) return;
    if (this._pulling) {
      this._pullAgain = true;
      return;
    }
    this._pulling = true;
    new Promise((resolve) => resolve(this._source.pull(this._controller))).then(() => {
      this._pulling = false;
      if (this._pullAgain) {
        this._pullAgain = false;
        this._pull();
      }
    }, (error) => this._fail(error));
  }
  _read() {
    if (this._queue.length > 0) {
      const [chunk, size] = this._queue.shift();
      this._queued -= size;
      if (this._closing && this._queue.length === 0) this._finish();
      else this._pull();
      return Promise.resolve({ value: chunk, done: false });
    }
    if (this._state === 'closed') return Promise.resolve({ value: undefined, done: true });
    if (this._state === 'errored') return Promise.reject(this._error);
    const waiting = deferred();
    this._waiting.push(waiting);
    this._pull();
    return waiting.promise;
  }
  async _cancel(reason) {
    if (this._state === 'errored') throw this._error;
    if (this._state === 'closed') return;
    this._queue = [];
    this._finish();
    if (this._source.cancel) await this._source.cancel(reason);
  }
  getReader() { return new ReadableStreamDefaultReader(this); }
  cancel(reason) {
    return this.locked ? Promise.reject(coded(TypeError, 'ERR_INVALID_STATE', 'Invalid state: ReadableStream is locked')) : this._cancel(reason);
  }
  tee() {
    const reader = this.getReader();
    const branches = [];
    const pull = async () => {
      const { value, done } = await reader.read();
      for (const branch of branches) {
        if (branch._state !== 'readable' || branch._closing) continue;
        if (done) branch._close();
        else branch._enqueue(value);
      }
    };
    for (let i = 0; i < 2; i++) branches.push(new ReadableStream({ pull }));
    return branches;
  }
  async pipeTo(target, options = {}) {
    const reader = this.getReader();
    const writer = target.getWriter();
    try {
      for (;;) {
        if (options.signal) options.signal.throwIfAborted();
        await writer.ready;
        const { value, done } = await reader.read();
        if (done) break;
        await writer.write(value);
      }
      if (!options.preventClose) await writer.close();
    } catch (error) {
      if (!options.preventAbort) await writer.abort(error).catch(() => {});
      if (!options.preventCancel) await reader.cancel(error).catch(() => {});
      throw error;
    } finally {
      reader.releaseLock();
      writer.releaseLock();
    }
  }
  pipeThrough({ readable, writable }, options) {
    this.pipeTo(writable, options).catch(() => {});
    return readable;
  }
  async* values(options = {}) {
    const reader = this.getReader();
    let finished = false;
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) {
          finished = true;
          return;
        }
        yield value;
      }
    } finally {
      if (!finished && !options.preventCancel) await reader.cancel();
      reader.releaseLock();
    }
  }
  [Symbol.asyncIterator](options) { return this.values(options); }
  static from(iterable) {
    const iterator = iterable[Symbol.asyncIterator] ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
    return new ReadableStream({
      async pull(controller) {
        const { value, done } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) { if (iterator.return) await iterator.return(reason); },
    }, { highWaterMark: 0 });
  }
}

class ReadableStreamDefaultReader {
  constructor(stream) {
    if (stream.locked) throw coded(TypeError, 'ERR_INVALID_STATE', 'Invalid state: ReadableStream is locked');
    this._stream = stream;
    stream._reader = this;
  }
  get closed() { return this._stream._closed.promise; }
  read() { return this._stream === null ? Promise.reject(coded(TypeError, 'ERR_INVALID_STATE', 'The reader is not attached to a stream')) : this._stream._read(); }
  cancel(reason) { return this._stream._cancel(reason); }
  releaseLock() {
    if (this._stream !== null) this._stream._reader = null;
    this._stream = null;
  }
}

class WritableStream {
  constructor(sink = {}, strategy = {}) {
    this._sink = sink;
    this._size = sizeBy(strategy);
    this._mark = markOf(strategy, 1);
    this._queued = 0;
    this._state = 'writable';
    this._error = undefined;
    this._writer = null;
    this._closed = deferred();
    this._ready = deferred();
    this._ready.resolve();
    this._controller = { signal: new AbortController().signal, error: (error) => this._fail(error) };
    this._last = Promise.resolve(sink.start ? sink.start(this._controller) : undefined);
    this._last.catch((error) => this._fail(error));
  }
  get locked() { return this._writer !== null; }
  _fail(error) {
    if (this._state === 'errored' || this._state === 'closed') return;
    this._state = 'errored';
    this._error = error;
    this._closed.reject(error);
    this._ready.reject(error);
  }
  _write(chunk) {
    if (this._state === 'errored') return Promise.reject(this._error);
    if (this._state !== 'writable') return Promise.reject(coded(TypeError, 'ERR_INVALID_STATE', 'Invalid state: WritableStream is closed'));
    const size = this._size(chunk);
    this._queued += size;
    if (this._queued >= this._mark) this._ready = deferred();
    const done = this._last.then(async () => {
      if (this._state === 'errored') throw this._error;
      if (this._sink.write) await this._sink.write(chunk, this._controller);
    });
    this._last = done.then(() => {
      this._queued -= size;
      if (this._queued < this._mark) this._ready.resolve();
    }, (error) => this._fail(error));
    return done;
  }
  async _close() {
    if (this._state !== 'writable') throw this._error || coded(TypeError, 'ERR_INVALID_STATE', 'Invalid state: WritableStream is closed');
    this._state = 'closing';
    await this._last;
    if (this._state === 'errored') throw this._error;
    try {
      if (this._sink.close) await this._sink.close(this._controller);
    } catch (error) {
      this._state = 'writable';
      this._fail(error);
      throw error;
    }
    this._state = 'closed';
    this._closed.resolve();
  }
  async _abort(reason) {
    if (this._state === 'errored' || this._state === 'closed') return;
    this._fail(reason);
    if (this._sink.abort) await this._sink.abort(reason);
  }
  getWriter() { return new WritableStreamDefaultWriter(this); }
  close() { return this._close(); }
  abort(reason) { return this._abort(reason); }
}

class WritableStreamDefaultWriter {
  constructor(stream) {
    if (stream.locked) throw coded(TypeError, 'ERR_INVALID_STATE', 'Invalid state: WritableStream is locked');
    this._stream = stream;
    stream._writer = this;
  }
  get closed() { return this._stream._closed.promise; }
  get ready() { return this._stream._ready.promise; }
  get desiredSize() { return this._stream._mark - this._stream._queued; }
  write(chunk) { return this._stream._write(chunk); }
  close() { return this._stream._close(); }
  abort(reason) { return this._stream._abort(reason); }
  releaseLock() { this._stream._writer = null; }
}

class TransformStream {
  constructor(transformer = {}, writableStrategy, readableStrategy) {
    let controller;
    let wake = deferred();
    this.readable = new ReadableStream({
      start(given) { controller = given; },
      pull() { wake.resolve(); },
      cancel: (reason) => transformer.cancel && transformer.cancel(reason),
    }, readableStrategy || { highWaterMark: 0 });
    const handle = {
      get desiredSize() { return controller.desiredSize; },
      enqueue: (chunk) => controller.enqueue(chunk),
      error: (error) => controller.error(error),
      terminate: () => controller.close(),
    };
    this.writable = new WritableStream({
      start: () => transformer.start && transformer.start(handle),
      async write(chunk) {
        if (controller.desiredSize <= 0) {
          await wake.promise;
          wake = deferred();
        }
        if (transformer.transform) await transformer.transform(chunk, handle);
        else controller.enqueue(chunk);
      },
      async close() {
        if (transformer.flush) await transformer.flush(handle);
        controller.close();
      },
      abort: (reason) => controller.error(reason),
    }, writableStrategy);
  }
}

class ByteLengthQueuingStrategy {
  constructor({ highWaterMark }) { this.highWaterMark = highWaterMark; }
  size(chunk) { return chunk.byteLength; }
}

class CountQueuingStrategy {
  constructor({ highWaterMark }) { this.highWaterMark = highWaterMark; }
  size() { return 1; }
}

class TextEncoderStream extends TransformStream {
  constructor() {
    const encoder = new TextEncoder();
    super({ transform: (chunk, controller) => controller.enqueue(encoder.encode(chunk)) });
    this.encoding = 'utf-8';
  }
}

class TextDecoderStream extends TransformStream {
  constructor(label, options) {
    const decoder = new TextDecoder(label, options);
    super({
      transform: (chunk, controller) => controller.enqueue(decoder.decode(chunk, { stream: true })),
      flush: (controller) => { const rest = decoder.decode(); if (rest) controller.enqueue(rest); },
    });
    this.encoding = decoder.encoding;
  }
}

module.exports = {
  ReadableStream, ReadableStreamDefaultReader, WritableStream, WritableStreamDefaultWriter, TransformStream, ByteLengthQueuingStrategy,
  CountQueuingStrategy, TextEncoderStream, TextDecoderStream,
};
