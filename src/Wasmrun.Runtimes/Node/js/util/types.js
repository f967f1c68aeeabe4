'use strict';

const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
const typedTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const arrayName = (value) => typedTag.call(value);

// Whether a method of a class takes the value, which no tag can feign.
function accepts(method, ...args) {
  return (value) => {
    try {
      Reflect.apply(method, value, args);
      return true;
    } catch {
      return false;
    }
  };
}

const isMap = accepts(Object.getOwnPropertyDescriptor(Map.prototype, 'size').get);
const isSet = accepts(Object.getOwnPropertyDescriptor(Set.prototype, 'size').get);
const isDate = accepts(Date.prototype.getTime);

module.exports = {
  isMap, isSet, isDate,
  isWeakMap: accepts(WeakMap.prototype.has, {}),
  isWeakSet: accepts(WeakSet.prototype.has, {}),
  isPromise: (value) => value instanceof Promise,
  isRegExp: (value) => value instanceof RegExp,
  isNativeError: (value) => value instanceof Error,
  isAsyncFunction: (value) => typeof value === 'function' && /Async/.test(tagOf(value)),
  isGeneratorFunction: (value) => typeof value === 'function' && /Generator/.test(tagOf(value)),
  isGeneratorObject: (value) => /Generator/.test(tagOf(value)) && typeof value === 'object',
  isAnyArrayBuffer: (value) => value instanceof ArrayBuffer || value instanceof SharedArrayBuffer,
  isArrayBuffer: (value) => value instanceof ArrayBuffer,
  isSharedArrayBuffer: (value) => value instanceof SharedArrayBuffer,
  isArrayBufferView: ArrayBuffer.isView,
  isDataView: (value) => value instanceof DataView,
  isTypedArray: (value) => arrayName(value) !== undefined,
  isUint8Array: (value) => arrayName(value) === 'Uint8Array',
  isUint8ClampedArray: (value) => arrayName(value) === 'Uint8ClampedArray',
  isUint16Array: (value) => arrayName(value) === 'Uint16Array',
  isUint32Array: (value) => arrayName(value) === 'Uint32Array',
  isInt8Array: (value) => arrayName(value) === 'Int8Array',
  isInt16Array: (value) => arrayName(value) === 'Int16Array',
  isInt32Array: (value) => arrayName(value) === 'Int32Array',
  isFloat32Array: (value) => arrayName(value) === 'Float32Array',
  isFloat64Array: (value) => arrayName(value) === 'Float64Array',
  isBigInt64Array: (value) => arrayName(value) === 'BigInt64Array',
  isBigUint64Array: (value) => arrayName(value) === 'BigUint64Array',
  isArgumentsObject: (value) => tagOf(value) === 'Arguments',
  isNumberObject: (value) => value instanceof Number,
  isStringObject: (value) => value instanceof String,
  isBooleanObject: (value) => value instanceof Boolean,
  isBigIntObject: (value) => typeof value === 'object' && value instanceof BigInt,
  isSymbolObject: (value) => typeof value === 'object' && value instanceof Symbol,
  isBoxedPrimitive: (value) => [Number, String, Boolean, BigInt, Symbol].some((kind) => typeof value === 'object' && value instanceof kind),
  isMapIterator: (value) => tagOf(value) === 'Map Iterator',
  isSetIterator: (value) => tagOf(value) === 'Set Iterator',
  isModuleNamespaceObject: (value) => tagOf(value) === 'Module',
  isProxy: () => false,
  isExternal: () => false,
  isKeyObject: (value) => value instanceof require('crypto').KeyObject,
  isCryptoKey: () => false,
};
