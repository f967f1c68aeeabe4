// Text with placeholders, as console.log takes it.
'use strict';

const { inspect } = require('internal/inspect');

function formatWithOptions(options, first, ...rest) {
  if (arguments.length < 2) return '';
  let text = '';
  let index = 0;
  if (typeof first === 'string') {
    if (rest.length === 0) return first;
    let last = 0;
    for (let i = 0; i < first.length - 1; i++) {
      if (first[i] !== '%') continue;
      const kind = first[i + 1];
      if (kind === '%') {
        text += first.slice(last, i) + '%';
        last = i + 2;
        i++;
        continue;
      }
      if (index >= rest.length || !'sdifjoOc'.includes(kind)) continue;
      text += first.slice(last, i) + formatOne(kind, rest[index++], options);
      last = i + 2;
      i++;
    }
    text += first.slice(last);
  } else {
    text = inspect(first, options);
  }
  for (; index < rest.length; index++) {
    text += ' ' + (typeof rest[index] === 'string' ? rest[index] : inspect(rest[index], options));
  }
  return text;
}

function formatOne(kind, value, options) {
  switch (kind) {
    case 's':
      if (typeof value === 'bigint') return `${value}n`;
      if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
      if (typeof value === 'object' && value !== null && !(value instanceof Error) && !ownToString(value)) {
        return inspect(value, { ...options, depth: 0, colors: false, compact: 3 });
      }
      return String(value);
    case 'd':
      return typeof value === 'bigint' ? `${value}n` : typeof value === 'symbol' || typeof value === 'object' ? (value === null ? '0' : String(Number(value))) : String(Number(value));
    case 'i':
      return typeof value === 'bigint' ? `${value}n` : typeof value === 'symbol' ? 'NaN' : String(parseInt(value, 10));
    case 'f':
      return typeof value === 'symbol' ? 'NaN' : String(parseFloat(value));
    case 'j':
      try {
        return JSON.stringify(value);
      } catch (error) {
        if (/circular/i.test(error.message)) return '[Circular]';
        throw error;
      }
    case 'o': return inspect(value, { ...options, showHidden: true, showProxy: true, depth: 4 });
    case 'O': return inspect(value, options);
    default: return '';
  }
}

function ownToString(value) {
  return typeof value.toString === 'function' && value.toString !== Object.prototype.toString && value.toString !== Array.prototype.toString;
}

const format = (...args) => formatWithOptions(undefined, ...args);

module.exports = { format, formatWithOptions };
