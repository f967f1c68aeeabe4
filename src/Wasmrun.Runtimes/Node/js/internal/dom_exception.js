'use strict';

const CODES = { IndexSizeError: 1, NotFoundError: 8, NotSupportedError: 9, InvalidStateError: 11, SyntaxError: 12, AbortError: 20, TimeoutError: 23, DataCloneError: 25 };

class DOMException extends Error {
  constructor(message = '', options = 'Error') {
    super(message);
    const name = typeof options === 'string' ? options : options.name || 'Error';
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true });
    Object.defineProperty(this, 'code', { value: CODES[name] || 0, configurable: true });
    if (typeof options === 'object' && 'cause' in options) this.cause = options.cause;
  }
}

module.exports = { DOMException };
