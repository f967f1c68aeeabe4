// Timers, immediates, the queue of process.nextTick, and the turn of the event loop that runs them.
'use strict';

const { host } = internal;

// The host's loop reads this block: immediates waiting, handles that keep the guest alive, the next timer's time, and
// whether another instance gets the new clients.
const block = new ArrayBuffer(64);
const words = new Int32Array(block);
const times = new Float64Array(block);
const IMMEDIATES = 0;
const ALIVE = 1;
const DEADLINE = 1;
const NOW = 2;
const LEAVING = 6;
times[DEADLINE] = -1;
host.useControl(new Uint8Array(block));

const LONGEST = 2 ** 31 - 1;
let onError = (error) => { throw error; };
let getContext = null;
let setContext = null;

function keepAlive(count) {
  words[ALIVE] += count;
}

// ---- process.nextTick

// A callback, its arguments and its context, one after another.
let ticks = [];
// Instead of a context: there is one argument and no array around it.
const SINGLE = Symbol('single');

function nextTick(callback, ...args) {
  if (typeof callback !== 'function') throw internal.requireCore('internal/errors').invalidArgType('callback', 'function', callback);
  ticks.push(callback, args, getContext === null ? undefined : getContext());
}

// As nextTick with one argument, for core modules: it costs half of that.
function soon(callback, value) {
  if (getContext === null) ticks.push(callback, value, SINGLE);
  else ticks.push(callback, [value], getContext());
}

// Runs what a callback has left behind: ticks first, then the jobs of promises, until neither is left.
function drain() {
  do {
    while (ticks.length > 0) {
      const batch = ticks;
      ticks = [];
      for (let i = 0; i < batch.length; i += 3) {
        const context = batch[i + 2];
        if (context !== SINGLE) {
          run(batch[i], undefined, batch[i + 1], context);
          continue;
        }
        const callback = batch[i];
        try {
          callback(batch[i + 1]);
        } catch (error) {
          onError(error);
        }
      }
    }
    while (!host.runJobs()) onError(host.takeException());
  } while (ticks.length > 0);
  afterDrain();
}

let afterDrain = () => {};

function run(callback, self, args, context) {
  if (setContext !== null) setContext(context);
  try {
    if (args.length === 0) callback.call(self);
    else callback.apply(self, args);
  } catch (error) {
    onError(error);
  }
  if (setContext !== null) setContext(undefined);
}

// ---- immediates

let immediates = [];

class Immediate {
  constructor(callback, args) {
    this._callback = callback;
    this._args = args;
    this._context = currentContext();
    this._counted = true;
    keepAlive(1);
    immediates.push(this);
    words[IMMEDIATES] = 1;
  }
  hasRef() { return this._counted; }
  ref() { if (!this._counted && this._callback) { this._counted = true; keepAlive(1); } return this; }
  unref() { if (this._counted) { this._counted = false; keepAlive(-1); } return this; }
  [Symbol.dispose]() { clearImmediate(this); }
}

function setImmediate(callback, ...args) {
  if (typeof callback !== 'function') throw internal.requireCore('internal/errors').invalidArgType('callback', 'function', callback);
  return new Immediate(callback, args);
}

function clearImmediate(immediate) {
  if (immediate instanceof Immediate && immediate._callback) {
    immediate._callback = null;
    immediate.unref();
  }
}

// ---- timers, in a heap by time and then by order of creation

const heap = [];
let sequence = 0;
let lastId = 0;
const byId = new Map();

function isBefore(a, b) {
  return a._at < b._at || (a._at === b._at && a._sequence < b._sequence);
}

function place(timer, index) {
  heap[index] = timer;
  timer._index = index;
}

function siftUp(index) {
  const timer = heap[index];
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(timer, heap[parent])) break;
    place(heap[parent], index);
    index = parent;
  }
  place(timer, index);
}

function siftDown(index) {
  const timer = heap[index];
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (!isBefore(heap[child], timer)) break;
    place(heap[child], index);
    index = child;
  }
  place(timer, index);
}

function insert(timer, at) {
  timer._at = at;
  timer._sequence = sequence++;
  heap.push(timer);
  siftUp(heap.length - 1);
  times[DEADLINE] = heap[0]._at;
}

function remove(timer) {
  const index = timer._index;
  if (index < 0) return;
  const last = heap.pop();
  timer._index = -1;
  if (last !== timer) {
    place(last, index);
    siftUp(index);
    siftDown(last._index);
  }
  times[DEADLINE] = heap.length > 0 ? heap[0]._at : -1;
}

class Timeout {
  constructor(callback, delay, args, repeats) {
    delay = +delay;
    if (!(delay >= 1 && delay <= LONGEST)) delay = 1;
    this._callback = callback;
    this._idleTimeout = delay;
    this._args = args;
    this._repeat = repeats ? delay : null;
    this._context = currentContext();
    this._index = -1;
    this._counted = true;
    this._id = 0;
    keepAlive(1);
    insert(this, host.now() + delay);
  }
  hasRef() { return this._counted; }
  ref() { if (!this._counted && this._index >= 0) { this._counted = true; keepAlive(1); } else if (!this._counted) this._counted = true; return this; }
  unref() { if (this._counted) { this._counted = false; if (this._index >= 0) keepAlive(-1); } return this; }
  refresh() {
    if (this._callback) {
      if (this._index < 0 && this._counted) keepAlive(1);
      remove(this);
      insert(this, host.now() + this._idleTimeout);
    }
    return this;
  }
  close() { clearTimeout(this); return this; }
  [Symbol.toPrimitive]() {
    if (this._id === 0) {
      this._id = ++lastId;
      byId.set(this._id, this);
    }
    return this._id;
  }
  [Symbol.dispose]() { clearTimeout(this); }
}

function stop(timer) {
  if (timer._index >= 0) {
    remove(timer);
    if (timer._counted) keepAlive(-1);
  }
  if (timer._id !== 0) byId.delete(timer._id);
}

function setTimeout(callback, delay, ...args) {
  if (typeof callback !== 'function') throw internal.requireCore('internal/errors').invalidArgType('callback', 'function', callback);
  return new Timeout(callback, delay, args, false);
}

function setInterval(callback, delay, ...args) {
  if (typeof callback !== 'function') throw internal.requireCore('internal/errors').invalidArgType('callback', 'function', callback);
  return new Timeout(callback, delay, args, true);
}

function clearTimeout(timer) {
  if (typeof timer === 'number' || typeof timer === 'string') timer = byId.get(+timer);
  if (timer instanceof Timeout) {
    timer._callback = null;
    timer._repeat = null;
    stop(timer);
  }
}

function turn(now) {
  while (heap.length > 0 && heap[0]._at <= now) {
    const timer = heap[0];
    remove(timer);
    if (timer._counted) keepAlive(-1);
    const callback = timer._callback;
    run(callback, timer, timer._args, timer._context);
    if (timer._repeat !== null && timer._index < 0) {
      if (timer._counted) keepAlive(1);
      insert(timer, host.now() + timer._repeat);
    } else if (timer._index < 0 && timer._id !== 0) {
      byId.delete(timer._id);
    }
    drain();
  }
  if (words[IMMEDIATES] !== 0) {
    const batch = immediates;
    immediates = [];
    words[IMMEDIATES] = 0;
    for (const immediate of batch) {
      const callback = immediate._callback;
      if (callback === null) continue;
      immediate._callback = null;
      immediate.unref();
      run(callback, immediate, immediate._args, immediate._context);
      drain();
    }
  }
}

host.on('turn', turn);

// ---- events of the network

const handles = new Map();

// A request on a connection of an agent has its own, whoever opened the connection.
function contextOf(handle) {
  const raw = handle._raw;
  return raw && '_context' in raw ? raw._context : handle._context;
}

function dispatch(kind, number, data, more) {
  const handle = handles.get(number);
  if (handle !== undefined) {
    if (setContext !== null) setContext(contextOf(handle));
    try {
      handle.onEvent(kind, data, more);
    } catch (error) {
      onError(error);
    }
    if (setContext !== null) setContext(undefined);
  }
  drain();
}

host.on('dispatch', dispatch);

// What AsyncLocalStorage has set, for those who call back later.
// The time when the loop has last looked, which costs nothing to ask for.
const clock = () => times[NOW];
// Whether clients had better connect anew: another instance takes them now.
const isLeaving = () => words[LEAVING] !== 0;
const currentContext = () => (getContext === null ? undefined : getContext());

module.exports = {
  nextTick, soon, currentContext, clock, isLeaving, setTimeout, setInterval, setImmediate, clearTimeout, clearInterval: clearTimeout, clearImmediate,
  Timeout, Immediate, handles, keepAlive, drain,
  useErrors(handler) { onError = handler; },
  useAfterDrain(handler) { afterDrain = handler; },
  useContext(get, set) { getContext = get; setContext = set; },
};
