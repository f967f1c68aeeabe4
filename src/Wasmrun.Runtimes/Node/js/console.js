'use strict';

const { inspect } = require('internal/inspect');
const { formatWithOptions } = require('internal/format');

class Console {
  constructor(stdout, stderr) {
    if (stdout && typeof stdout.write !== 'function') ({ stdout, stderr } = stdout);
    this._stdout = stdout;
    this._stderr = stderr || stdout;
    this._indent = '';
    this._counts = new Map();
    this._timers = new Map();
    for (const name of Object.getOwnPropertyNames(Console.prototype)) {
      if (name !== 'constructor' && typeof this[name] === 'function') this[name] = this[name].bind(this);
    }
    this.Console = Console;
  }
  _print(stream, args) {
    let text = formatWithOptions({}, ...args);
    if (this._indent !== '') text = text.replace(/^/gm, this._indent);
    stream.write(text + '\n');
  }
  log(...args) { this._print(this._stdout, args); }
  info(...args) { this._print(this._stdout, args); }
  debug(...args) { this._print(this._stdout, args); }
  warn(...args) { this._print(this._stderr, args); }
  error(...args) { this._print(this._stderr, args); }
  dir(value, options) { this._print(this._stdout, [inspect(value, { customInspect: false, ...options })]); }
  dirxml(...args) { this.log(...args); }
  trace(...args) {
    const error = { name: 'Trace', message: formatWithOptions({}, ...args) };
    Error.captureStackTrace(error, this.trace);
    this.error(String(error.stack).replace(/^[^\n]*/, `Trace${error.message ? ': ' + error.message : ''}`));
  }
  assert(condition, ...args) {
    if (condition) return;
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else args.unshift('Assertion failed');
    this.warn(...args);
  }
  count(label = 'default') {
    const count = (this._counts.get(String(label)) || 0) + 1;
    this._counts.set(String(label), count);
    this.log(`${label}: ${count}`);
  }
  countReset(label = 'default') { this._counts.delete(String(label)); }
  group(...args) {
    if (args.length > 0) this.log(...args);
    this._indent += '  ';
  }
  groupCollapsed(...args) { this.group(...args); }
  groupEnd() { this._indent = this._indent.slice(2); }
  time(label = 'default') { this._timers.set(String(label), performance.now()); }
  timeLog(label = 'default', ...args) {
    const start = this._timers.get(String(label));
    if (start === undefined) return;
    const elapsed = performance.now() - start;
    this.log(`${label}: ${elapsed >= 1000 ? (elapsed / 1000).toFixed(3) + 's' : elapsed.toFixed(3) + 'ms'}`, ...args);
  }
  timeEnd(label = 'default') {
    this.timeLog(label);
    this._timers.delete(String(label));
  }
  table(data, columns) {
    if (data === null || typeof data !== 'object') {
      this.log(data);
      return;
    }
    const rows = Object.entries(data);
    const keys = columns || [...new Set(rows.flatMap(([, row]) => (row !== null && typeof row === 'object' ? Object.keys(row) : [])))];
    const hasValues = rows.some(([, row]) => row === null || typeof row !== 'object');
    const head = ['(index)', ...keys, ...(hasValues ? ['Values'] : [])];
    const show = (value) => inspect(value, { depth: 0, breakLength: Infinity });
    const lines = rows.map(([index, row]) => {
      const isObject = row !== null && typeof row === 'object';
      return [index, ...keys.map((key) => (isObject && Object.hasOwn(row, key) ? show(row[key]) : '')), ...(hasValues ? [isObject ? '' : show(row)] : [])];
    });
    const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i].length)) + 2);
    const render = (cells) => `│${cells.map((cell, i) => ' ' + cell.padEnd(widths[i] - 1)).join('│')}│`;
    const rule = (left, middle, right) => left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
    this.log([rule('┌', '┬', '┐'), render(head), rule('├', '┼', '┤'), ...lines.map(render), rule('└', '┴', '┘')].join('\n'));
  }
}

const standard = (number) => ({ write: (text) => process[number === 2 ? 'stderr' : 'stdout'].write(text) });

module.exports = new Console(standard(1), standard(2));
