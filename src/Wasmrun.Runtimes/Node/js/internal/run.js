// Starts the program's entry, and ends it when nothing is left to do.
'use strict';

const { host, settings } = internal;
const timers = require('internal/timers');
const { uncaught } = require('internal/uncaught');
const loader = require('internal/loader');

let entry;

function start() {
  try {
    entry = loader.runMain(settings.main);
    if (entry !== undefined) entry.then(undefined, uncaught);
  } catch (error) {
    uncaught(error);
  }
  timers.drain();
}

host.on('idle', () => {
  try {
    process.emit('beforeExit', process.exitCode || 0);
  } catch (error) {
    uncaught(error);
  }
  timers.drain();
});

host.on('end', () => {
  if (entry !== undefined && host.promiseState(entry) === 0 && process.exitCode === undefined) {
    host.print(2, 'Warning: Detected unsettled top-level await at the end of the program\n');
    process.exit(13);
  }
  require('internal/process').exit();
});

module.exports = { start };
