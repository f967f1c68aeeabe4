'use strict';

const own = (value) => Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));

// Whether two values are equal all the way down; strictly also by their prototypes and types.
module.exports = function deepEqual(a, b, strict, seen = []) {
  if (strict ? Object.is(a, b) : a == b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (seen.some(([x, y]) => x === a && y === b)) return true;
  const below = [...seen, [a, b]];
  if (Array.isArray(a) !== Array.isArray(b) || (Array.isArray(a) && a.length !== b.length)) return false;
  if (a instanceof Date && a.getTime() !== b.getTime()) return false;
  if (a instanceof RegExp && String(a) !== String(b)) return false;
  if (a instanceof Error && (a.message !== b.message || a.name !== b.name)) return false;
  if ((a instanceof Number || a instanceof String || a instanceof Boolean) && !Object.is(a.valueOf(), b.valueOf())) return false;
  if (ArrayBuffer.isView(a)) {
    if (a.byteLength !== b.byteLength) return false;
    const [x, y] = [a, b].map((each) => new Uint8Array(each.buffer, each.byteOffset, each.byteLength));
    return x.every((byte, i) => byte === y[i]);
  }
  if (a instanceof Set) {
    if (a.size !== b.size) return false;
    return [...a].every((each) => b.has(each) || [...b].some((other) => deepEqual(each, other, strict, below)));
  }
  if (a instanceof Map) {
    if (a.size !== b.size) return false;
    return [...a].every(([key, value]) => (b.has(key) ? deepEqual(value, b.get(key), strict, below)
      : [...b].some(([otherKey, other]) => deepEqual(key, otherKey, strict, below) && deepEqual(value, other, strict, below))));
  }
  const keys = own(a);
  return keys.length === own(b).length && keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key], strict, below));
};
