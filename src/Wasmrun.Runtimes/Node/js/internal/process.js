// The process object.
'use strict';

const { host, settings } = internal;
const EventEmitter = require('events');
const timers = require('internal/timers');

const VERSION = 'v22.12.0';
const SIGNALS = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11,
  SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGCHLD: 17, SIGCONT: 18, SIGSTOP: 19, SIGTSTP: 20, SIGTTIN: 21, SIGTTOU: 22,
  SIGWINCH: 28,
};

function Process() {
  EventEmitter.call(this);
}
Object.setPrototypeOf(Process.prototype, EventEmitter.prototype);
Object.defineProperty(Process.prototype, Symbol.toStringTag, { value: 'process', configurable: true });
Object.defineProperty(Process, 'name', { value: 'process' });

const process = new Process();
let cwd = '/';
let exiting = false;
let exitCode;

// Names and values are strings, whatever they are set to, as in an environment of the system.
const variables = {};
const handler = {
  set(target, name, value) {
    if (typeof name === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
    target[name] = String(value);
    return true;
  },
  defineProperty(target, name, descriptor) {
    return Reflect.defineProperty(target, name, 'value' in descriptor ? { ...descriptor, value: String(descriptor.value) } : descriptor);
  },
};
const environment = new Proxy(variables, handler);

function checkCode(code) {
  if (code === undefined || code === null) return undefined;
  const number = typeof code === 'string' && code !== '' ? Number(code) : code;
  if (!Number.isInteger(number)) throw require('internal/errors').invalidArgType('code', 'integer', code);
  return number;
}

function exit(code) {
  if (code !== undefined) process.exitCode = code;
  if (!exiting) {
    exiting = true;
    process._exiting = true;
    process.emit('exit', process.exitCode || 0);
  }
  host.exit((process.exitCode || 0) & 0xff);
}

function hrtime(since) {
  const now = host.now();
  let seconds = Math.floor(now / 1e3);
  let nanoseconds = Math.floor((now % 1e3) * 1e6);
  if (since !== undefined) {
    seconds -= since[0];
    nanoseconds -= since[1];
    if (nanoseconds < 0) {
      seconds--;
      nanoseconds += 1e9;
    }
  }
  return [seconds, nanoseconds];
}
hrtime.bigint = () => BigInt(Math.floor(host.now() * 1e6));

function memoryUsage() {
  const bytes = host.memory();
  return { rss: bytes, heapTotal: bytes, heapUsed: bytes, external: 0, arrayBuffers: 0 };
}
memoryUsage.rss = () => host.memory();

function emitWarning(warning, type, code) {
  if (typeof type === 'object' && type !== null) ({ type, code } = type);
  if (typeof type === 'function') type = undefined;
  let error = warning;
  if (!(error instanceof Error)) {
    error = new Error(String(warning));
    error.name = String(type || 'Warning');
    if (code !== undefined && typeof code !== 'function') error.code = code;
  }
  if (error.name === 'DeprecationWarning' && process.noDeprecation) return;
  timers.nextTick(() => process.emit('warning', error));
}

function kill(pid, signal = 'SIGTERM') {
  const number = typeof signal === 'number' ? signal : SIGNALS[signal];
  if (number === undefined) {
    throw require('internal/errors').coded(TypeError, 'ERR_UNKNOWN_SIGNAL', `Unknown signal: ${signal}`);
  }
  if (pid !== process.pid) {
    throw require('internal/errors').fromHost('ESRCH', 'kill ESRCH', 3, 'kill');
  }
  if (number !== 0) timers.setImmediate(() => raise(Object.keys(SIGNALS).find((name) => SIGNALS[name] === number)));
  return true;
}

// A signal that nobody listens to ends the program with 128 and its number.
function raise(signal) {
  if (!process.emit(signal, signal, SIGNALS[signal]) && !['SIGCHLD', 'SIGCONT', 'SIGWINCH', 'SIGPIPE'].includes(signal)) {
    host.exit(128 + SIGNALS[signal]);
  }
}

Object.defineProperty(process, 'exitCode', {
  get: () => exitCode,
  set(code) { exitCode = checkCode(code); },
  enumerable: true,
  configurable: true,
});

Object.assign(process, {
  title: 'node', version: VERSION, arch: 'wasm32', platform: 'linux', pid: 1, ppid: 0, execPath: '/usr/local/bin/node', execArgv: [],
  versions: { node: VERSION.slice(1), v8: '12.4.254.21-node.21', uv: '1.49.2', zlib: '1.3.1', modules: '127' },
  release: { name: 'node', lts: 'Jod' }, features: { inspector: false, ipv6: true, tls: false, typescript: false }, config: { target_defaults: {}, variables: {} },
  argv: ['/usr/local/bin/node'], argv0: 'node', env: environment, debugPort: 9229, moduleLoadList: [],
  nextTick: timers.nextTick, exit, hrtime, memoryUsage, emitWarning, kill,
  reallyExit: (code) => host.exit(code || 0),
  abort: () => host.exit(134),
  cwd: () => cwd,
  chdir(path) {
    const target = require('path').resolve(path);
    if (host.fsKind(target) !== 2) throw require('internal/errors').fromHost('ENOENT', '', 2, 'chdir', path);
    cwd = target;
  },
  umask: () => 0o22,
  uptime: () => host.now() / 1e3,
  cpuUsage: () => ({ user: Math.floor(host.now() * 1e3), system: 0 }),
  resourceUsage: () => ({ userCPUTime: Math.floor(host.now() * 1e3), systemCPUTime: 0, maxRSS: host.memory() >> 10 }),
  constrainedMemory: () => settings.memoryLimit,
  availableMemory: () => settings.memoryLimit - host.memory(),
  getActiveResourcesInfo: () => [],
  getuid: () => 0, geteuid: () => 0, getgid: () => 0, getegid: () => 0, getgroups: () => [0],
  binding(name) { throw require('internal/errors').refused(`process.binding('${name}')`, 'there is no native code to bind to'); },
  dlopen() { throw require('internal/errors').refused('process.dlopen', 'native add-ons (.node) cannot be loaded'); },
  setUncaughtExceptionCaptureCallback(callback) {
    process.removeAllListeners('uncaughtException');
    if (callback) process.on('uncaughtException', callback);
  },
  hasUncaughtExceptionCaptureCallback: () => false,
  getBuiltinModule: (name) => require('internal/loader').findBuiltin(name),
});

for (const [name, number] of [['stdout', 1], ['stderr', 2]]) {
  let stream;
  Object.defineProperty(process, name, {
    configurable: true, enumerable: true,
    get: () => stream || (stream = require('internal/stdio').output(number)),
    set(value) { stream = value; },
  });
}

// Nobody is told before the program asks for it: one that does not is stopped at once.
process.on('newListener', (name) => {
  if (name === 'SIGTERM') host.listenForTermination();
});
host.on('terminate', () => {
  try {
    raise('SIGTERM');
  } catch (error) {
    require('internal/uncaught').uncaught(error);
  }
  timers.drain();
});

let input;
Object.defineProperty(process, 'stdin', {
  configurable: true, enumerable: true, get: () => input || (input = require('internal/stdio').input()),
});

process.on('warning', (warning) => {
  const code = warning.code ? `[${warning.code}] ` : '';
  host.print(2, `(node:${process.pid}) ${code}${warning.name}: ${warning.message}\n`);
});

globalThis.process = process;

let endObserving = null;

// What every instance of a service is given.
function prepare(isObserved) {
  cwd = settings.cwd;
  process.argv.splice(1, Infinity, settings.main, ...settings.arguments);
  if (isObserved) endObserving = require('internal/preload').observe(variables, handler, fill);
}

function fill() {
  endObserving = () => {};
  Object.assign(variables, JSON.parse(host.environment()));
}

// What is this instance's own.
function begin() {
  if (endObserving !== null) endObserving();
  else fill();
}

module.exports = { process, prepare, begin, exit, raise, SIGNALS };
