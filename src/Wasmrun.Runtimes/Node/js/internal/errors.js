// Errors as Node makes them: with a code, and the names and numbers of the system where it has refused.
'use strict';

const DESCRIPTIONS = {
  EACCES: 'permission denied', EADDRINUSE: 'address already in use', EADDRNOTAVAIL: 'address not available',
  EAGAIN: 'resource temporarily unavailable', EBADF: 'bad file descriptor', EBUSY: 'resource busy or locked',
  ECONNABORTED: 'software caused connection abort', ECONNREFUSED: 'connection refused', ECONNRESET: 'connection reset by peer',
  EEXIST: 'file already exists', EHOSTUNREACH: 'host is unreachable', EINVAL: 'invalid argument', EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory', ELOOP: 'too many symbolic links encountered', EMFILE: 'too many open files',
  ENAMETOOLONG: 'name too long', ENETUNREACH: 'network is unreachable', ENOENT: 'no such file or directory',
  ENOMEM: 'not enough memory', ENOSPC: 'no space left on device', ENOSYS: 'function not implemented',
  ENOTCONN: 'socket is not connected', ENOTDIR: 'not a directory', ENOTEMPTY: 'directory not empty', ENOTSUP: 'operation not supported',
  EPERM: 'operation not permitted', EPIPE: 'broken pipe', EROFS: 'read-only file system', ETIMEDOUT: 'connection timed out',
  EXDEV: 'cross-device link not permitted',
};

function coded(Base, code, message) {
  const error = new Base(message);
  Object.defineProperty(error, 'code', { value: code, enumerable: true, writable: true, configurable: true });
  // Node shows the code behind the name, but only in the stack.
  const stack = error.stack;
  if (typeof stack === 'string' && stack.startsWith(error.name)) {
    Object.defineProperty(error, 'stack', {
      value: `${error.name} [${code}]${stack.slice(error.name.length)}`, writable: true, configurable: true,
    });
  }
  return error;
}

function describe(value) {
  if (value === null || value === undefined) return ` Received ${value}`;
  if (typeof value === 'function') return ` Received function ${value.name}`;
  if (typeof value === 'object') {
    return value.constructor && value.constructor.name ? ` Received an instance of ${value.constructor.name}` : ' Received an object';
  }
  let text = typeof value === 'string' ? `'${value.length > 28 ? value.slice(0, 25) + '...' : value}'` : String(value);
  return ` Received type ${typeof value} (${text})`;
}

function invalidArgType(name, expected, actual) {
  const what = name.includes(' ') ? name : `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;
  const kinds = [].concat(expected);
  const primitive = kinds.every((kind) => /^[a-z]/.test(kind));
  const list = kinds.length > 1 ? `one of type ${kinds.slice(0, -1).join(', ')} or ${kinds[kinds.length - 1]}`
    : primitive ? `of type ${kinds[0]}` : `an instance of ${kinds[0]}`;
  return coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The ${what} must be ${list}.${describe(actual)}`);
}

function invalidArgValue(name, value, reason = 'is invalid') {
  const kind = name.includes('.') ? 'property' : 'argument';
  return coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The ${kind} '${name}' ${reason}. Received ${typeof value === 'string' ? `'${value}'` : String(value)}`);
}

function outOfRange(name, range, value) {
  return coded(RangeError, 'ERR_OUT_OF_RANGE', `The value of "${name}" is out of range. It must be ${range}. Received ${String(value)}`);
}

function refused(what, why) {
  return coded(Error, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', `${what} is not available in a wasmrun sandbox: ${why}`);
}

// What the host throws arrives here.
function fromHost(code, message, number, call, path) {
  const text = message || `${code}: ${DESCRIPTIONS[code] || 'unknown error'}, ${call}${path === undefined ? '' : ` '${path}'`}`;
  const error = new Error(text);
  if (number) error.errno = -number;
  error.code = code;
  if (call !== undefined) error.syscall = call;
  if (path !== undefined) error.path = path;
  return error;
}

internal.host.useErrors(fromHost);

module.exports = { DESCRIPTIONS, coded, invalidArgType, invalidArgValue, outOfRange, refused, fromHost };
