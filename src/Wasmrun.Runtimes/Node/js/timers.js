'use strict';

const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = require('internal/timers');

module.exports = {
  setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate,
  get promises() { return require('timers/promises'); },
};

const custom = Symbol.for('nodejs.util.promisify.custom');
Object.defineProperty(setTimeout, custom, { get: () => require('timers/promises').setTimeout });
Object.defineProperty(setImmediate, custom, { get: () => require('timers/promises').setImmediate });
