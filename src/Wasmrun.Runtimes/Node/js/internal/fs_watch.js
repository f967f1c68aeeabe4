// Watching files: a sandbox is not told of changes, so they are looked for, by one call of the host for all that is watched at a place.
'use strict';

const { host } = internal;
const EventEmitter = require('events');
const path = require('path');
const timers = require('internal/timers');
const { invalidArgType } = require('internal/errors');
const { Stats, toPath, encodingOf, makeStats } = require('internal/fs_types');
const { sync } = require('internal/fs_sync');

const LOOK_EVERY = 100;
// Looking may take a twentieth of the time.
const SHARE = 20;
const WATCH_FILE_EVERY = 5007;

// From name to what tells which file it is, and what tells whether it has been written to.
function parse(text) {
  const entries = new Map();
  if (text === null) return entries;
  const parts = text.slice(1).split('\0');
  for (let at = 0; at + 2 < parts.length; at += 3) entries.set(parts[at], [parts[at + 1], parts[at + 2]]);
  return entries;
}

// What has happened between two looks, as [event, name].
function compare(before, after) {
  const events = [];
  for (const [name, [file]] of before) {
    const now = after.get(name);
    if (now === undefined) events.push(['rename', name]);
    else if (now[0] !== file) events.push(['rename', name]);
    else if (now[1] !== before.get(name)[1]) events.push(['change', name]);
  }
  for (const name of after.keys()) if (!before.has(name)) events.push(['rename', name]);
  return events;
}

class FSWatcher extends EventEmitter {
  constructor(target, options) {
    super();
    this._path = toPath(target, 'filename');
    this._isDeep = Boolean(options.recursive);
    this._encoding = options.encoding;
    this._isClosed = false;
    this._isPersistent = options.persistent !== false;
    try {
      this._text = host.fsLook(this._path, this._isDeep, true);
    } catch (error) {
      error.filename = target;
      throw error;
    }
    this._entries = parse(this._text);
    this._wait(LOOK_EVERY);
  }

  close() {
    if (this._isClosed) return;
    this._isClosed = true;
    timers.clearTimeout(this._timer);
    process.nextTick(() => this.emit('close'));
  }

  ref() {
    this._isPersistent = true;
    this._timer.ref();
    return this;
  }

  unref() {
    this._isPersistent = false;
    this._timer.unref();
    return this;
  }

  _wait(delay) {
    this._timer = timers.setTimeout(() => this._look(), delay);
    if (!this._isPersistent) this._timer.unref();
  }

  _look() {
    const start = host.now();
    let text;
    try {
      text = host.fsLook(this._path, this._isDeep, false);
    } catch (error) {
      this.close();
      this.emit('error', error);
      return;
    }
    this._wait(Math.max(LOOK_EVERY, (host.now() - start) * SHARE));
    if (text === this._text) return;
    const before = this._entries;
    this._text = text;
    this._entries = parse(text);
    for (const [event, name] of compare(before, this._entries)) {
      if (this._isClosed) return;
      this.emit('change', event, this._nameOf(name));
    }
  }

  _nameOf(name) {
    const shown = name === '' ? path.basename(this._path) : name;
    return this._encoding === undefined || this._encoding === null || this._encoding === 'utf8' || this._encoding === 'utf-8' ? shown
      : this._encoding === 'buffer' ? Buffer.from(shown) : Buffer.from(shown).toString(this._encoding);
  }
}

function aborted(signal) {
  return Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR', cause: signal.reason });
}

function watch(target, options, listener) {
  if (typeof options === 'function') [options, listener] = [undefined, options];
  const { signal } = options || {};
  const watcher = new FSWatcher(target, { ...(typeof options === 'object' ? options : undefined), encoding: encodingOf(options) });
  if (listener !== undefined) {
    if (typeof listener !== 'function') throw invalidArgType('listener', 'function', listener);
    watcher.on('change', listener);
  }
  if (signal) {
    const stop = () => watcher.close();
    if (signal.aborted) stop();
    else {
      signal.addEventListener('abort', stop, { once: true });
      watcher.once('close', () => signal.removeEventListener('abort', stop));
    }
  }
  return watcher;
}

// The events one after the other, for as long as they are asked for.
async function* watchEvents(target, options = {}) {
  const { maxQueue = 2048, overflow = 'ignore', signal } = options;
  if (signal && signal.aborted) throw aborted(signal);
  const watcher = watch(target, { ...options, signal: undefined });
  const queue = [];
  let failure = null;
  let wake = () => {};
  const fail = (error) => {
    failure = error;
    wake();
  };
  const stop = () => fail(aborted(signal));
  watcher.on('error', fail);
  watcher.on('change', (eventType, filename) => {
    if (queue.length < maxQueue) queue.push({ eventType, filename });
    else if (overflow === 'throw') fail(Object.assign(new Error('fs.watch maxQueue overflow'), { code: 'ERR_FS_WATCH_QUEUE_OVERFLOW' }));
    else process.emitWarning('fs.watch maxQueue overflow');
    wake();
  });
  if (signal) signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      while (queue.length > 0) yield queue.shift();
      if (failure !== null) throw failure;
      await new Promise((resolve) => { wake = resolve; });
    }
  } finally {
    if (signal) signal.removeEventListener('abort', stop);
    watcher.close();
  }
}

const fileWatchers = new Map();

class StatWatcher extends EventEmitter {
  constructor(file, options) {
    super();
    this._path = file;
    this._options = options;
    this._interval = typeof options.interval === 'number' ? options.interval : WATCH_FILE_EVERY;
    this._isPersistent = options.persistent !== false;
    this._stats = this._look();
    // Of a file that is not there, that is told once.
    if (this._stats === null) process.nextTick(() => this.emit('change', this._none(), this._none()));
    this._wait();
  }

  ref() {
    this._isPersistent = true;
    this._timer.ref();
    return this;
  }

  unref() {
    this._isPersistent = false;
    this._timer.unref();
    return this;
  }

  stop() {
    timers.clearTimeout(this._timer);
    process.nextTick(() => this.emit('stop'));
  }

  _wait() {
    this._timer = timers.setTimeout(() => {
      this._wait();
      const before = this._stats;
      const now = this._stats = this._look();
      if (before === null ? now !== null : now === null || ['ino', 'size', 'mode', 'mtimeMs', 'ctimeMs'].some((field) => now[field] !== before[field])) {
        this.emit('change', now || this._none(), before || this._none());
      }
    }, this._interval);
    if (!this._isPersistent) this._timer.unref();
  }

  _look() {
    return sync.stat(this._path, { bigint: this._options.bigint, throwIfNoEntry: false }) || null;
  }

  _none() { return makeStats(this._options, Stats.none()); }
}

function watchFile(target, options, listener) {
  if (typeof options === 'function') [options, listener] = [undefined, options];
  if (typeof listener !== 'function') throw invalidArgType('listener', 'function', listener);
  const file = toPath(target, 'filename');
  let watcher = fileWatchers.get(file);
  if (watcher === undefined) fileWatchers.set(file, watcher = new StatWatcher(file, options || {}));
  watcher.on('change', listener);
  return watcher;
}

function unwatchFile(target, listener) {
  const file = toPath(target, 'filename');
  const watcher = fileWatchers.get(file);
  if (watcher === undefined) return;
  if (typeof listener === 'function') watcher.off('change', listener);
  else watcher.removeAllListeners('change');
  if (watcher.listenerCount('change') > 0) return;
  fileWatchers.delete(file);
  watcher.stop();
}

module.exports = { FSWatcher, StatWatcher, watch, watchEvents, watchFile, unwatchFile };
