'use strict';

const failure = (value) => new DOMException(`${typeof value === 'symbol' ? String(value) : value && value.name ? value.name : String(value)} could not be cloned.`, 'DataCloneError');

function clone(value, seen) {
  if (typeof value === 'function' || typeof value === 'symbol') throw failure(value);
  if (value === null || typeof value !== 'object') return value;
  if (seen.has(value)) return seen.get(value);
  const keep = (copy) => {
    seen.set(value, copy);
    return copy;
  };
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof Boolean || value instanceof Number || value instanceof String) return keep(Object(value.valueOf()));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) {
    const buffer = clone(value.buffer, seen);
    const Kind = Buffer.isBuffer(value) ? Uint8Array : value.constructor;
    return keep(new Kind(buffer, value.byteOffset, value instanceof DataView ? value.byteLength : value.length));
  }
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, each] of value) copy.set(clone(key, seen), clone(each, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const each of value) copy.add(clone(each, seen));
    return copy;
  }
  if (value instanceof Error) {
    const Kind = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }[value.name] || Error;
    const copy = keep(new Kind(value.message));
    copy.stack = value.stack;
    if ('cause' in value) copy.cause = clone(value.cause, seen);
    return copy;
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) throw failure(value);
  const copy = keep(Array.isArray(value) ? new Array(value.length) : {});
  for (const key of Object.keys(value)) copy[key] = clone(value[key], seen);
  return copy;
}

module.exports = { structuredClone: (value) => clone(value, new Map()) };
