// Exceptions that nobody catches, and rejections that nobody handles: told to the program, or the end of it, as in Node.
'use strict';

const { host, settings } = internal;
const timers = require('internal/timers');

const rejected = new Map();
let ending = false;

function frameOf(stack) {
  for (const line of String(stack).split('\n')) {
    const match = /(?:\(|at )(\/[^()]*|file:\/\/[^()]*):(\d+):(\d+)\)?$/.exec(line);
    if (match) return { file: match[1], line: +match[2], column: +match[3] };
  }
  return null;
}

function excerpt(stack) {
  const frame = frameOf(stack);
  if (frame === null) return '';
  try {
    const text = host.fsReadText(frame.file.replace(/^file:\/\//, '')).split('\n')[frame.line - 1];
    return text === undefined ? '' : `${frame.file}:${frame.line}\n${text}\n${' '.repeat(Math.max(0, frame.column - 1))}^\n\n`;
  } catch {
    return '';
  }
}

// What the engine throws when not even an error has room, which a program that is out of memory has not thrown itself.
const LITTLE = 1 << 20;
const isOutOfMemory = (error) => error === null && settings.memoryLimit - host.memory() < LITTLE;

function report(error) {
  if (isOutOfMemory(error)) {
    host.print(2, 'InternalError: out of memory: the program has used up the memory that it may have, and nobody has caught that\n');
    return;
  }
  const { inspect } = require('internal/inspect');
  const isError = error instanceof Error || (typeof error === 'object' && error !== null && typeof error.stack === 'string');
  const text = isError
    ? `${excerpt(error.stack)}${inspect(error)}`
    : `node:internal/process\nUncaught:\n${inspect(error)}\n(Use \`node --trace-uncaught ...\` to show where the exception was thrown)`;
  host.print(2, `${text}\n\nNode.js ${process.version}\n`);
}

function uncaught(error, origin = 'uncaughtException') {
  if (ending) {
    report(error);
    host.exit(7);
  }
  try {
    process.emit('uncaughtExceptionMonitor', error, origin);
    if (process.listenerCount('uncaughtException') > 0) {
      process.emit('uncaughtException', error, origin);
      return;
    }
  } catch (inner) {
    report(inner);
    host.exit(7);
  }
  report(error);
  ending = true;
  require('internal/process').exit(1);
}

function settleRejections() {
  if (rejected.size === 0) return;
  const batch = [...rejected];
  rejected.clear();
  for (const [promise, reason] of batch) {
    if (process.listenerCount('unhandledRejection') > 0) {
      told.add(promise);
      try {
        process.emit('unhandledRejection', reason, promise);
      } catch (error) {
        uncaught(error);
      }
      continue;
    }
    uncaught(asError(reason), 'unhandledRejection');
  }
  timers.drain();
}

function asError(reason) {
  if (reason instanceof Error) return reason;
  const { inspect } = require('internal/inspect');
  const error = new Error('This error originated either by throwing inside of an async function without a catch block, or by '
    + `rejecting a promise which was not handled with .catch(). The promise rejected with the reason "${inspect(reason)}".`);
  error.name = 'UnhandledPromiseRejection';
  error.code = 'ERR_UNHANDLED_REJECTION';
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

const told = new WeakSet();

host.on('rejection', (promise, reason, handled) => {
  if (!handled) {
    rejected.set(promise, reason);
  } else if (!rejected.delete(promise) && told.has(promise)) {
    told.delete(promise);
    timers.nextTick(() => process.emit('rejectionHandled', promise));
  }
});

timers.useErrors(uncaught);
timers.useAfterDrain(settleRejections);

module.exports = { uncaught, report };
