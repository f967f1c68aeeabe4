'use strict';

const deepEqual = require('internal/deep_equal');
const { inspect } = require('internal/inspect');

class AssertionError extends Error {
  constructor({ message, actual, expected, operator, stackStartFn }) {
    super(message === undefined ? `${inspect(actual)} ${operator} ${inspect(expected)}` : String(message));
    this.name = 'AssertionError';
    this.generatedMessage = message === undefined;
    this.code = 'ERR_ASSERTION';
    Object.assign(this, { actual, expected, operator });
    if (Error.captureStackTrace) Error.captureStackTrace(this, stackStartFn);
  }
}

function fail(message, actual, expected, operator, stackStartFn) {
  if (message instanceof Error) throw message;
  throw new AssertionError({ message, actual, expected, operator, stackStartFn });
}

function assert(value, message) {
  if (!value) fail(message === undefined ? 'The expression evaluated to a falsy value' : message, value, true, '==', assert);
}

const comparisons = {
  equal: ['==', (a, b) => a == b || (Number.isNaN(a) && Number.isNaN(b))],
  notEqual: ['!=', (a, b) => a != b && !(Number.isNaN(a) && Number.isNaN(b))],
  strictEqual: ['strictEqual', Object.is, 'Expected values to be strictly equal'],
  notStrictEqual: ['notStrictEqual', (a, b) => !Object.is(a, b), 'Expected "actual" to be strictly unequal to'],
  deepEqual: ['deepEqual', (a, b) => deepEqual(a, b, false), 'Expected values to be loosely deep-equal'],
  notDeepEqual: ['notDeepEqual', (a, b) => !deepEqual(a, b, false), 'Expected "actual" not to be loosely deep-equal to'],
  deepStrictEqual: ['deepStrictEqual', (a, b) => deepEqual(a, b, true), 'Expected values to be strictly deep-equal'],
  notDeepStrictEqual: ['notDeepStrictEqual', (a, b) => !deepEqual(a, b, true), 'Expected "actual" not to be strictly deep-equal to'],
};
for (const [name, [operator, holds, text]] of Object.entries(comparisons)) {
  assert[name] = function (actual, expected, message) {
    if (holds(actual, expected)) return;
    const made = message === undefined && text ? `${text}:\n\n${inspect(actual)} !== ${inspect(expected)}\n` : message;
    fail(made, actual, expected, operator, assert[name]);
  };
}

function matches(error, expected, message) {
  if (expected === undefined) return;
  if (expected instanceof RegExp) {
    if (!expected.test(String(error))) fail(message || `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(String(error))}\n`, error, expected, 'throws');
    return;
  }
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof expected) return;
    if (Error.isPrototypeOf(expected)) throw error;
    if (expected.call({}, error) === true) return;
    fail(message || 'The validation function is expected to return "true"', error, expected, 'throws');
  }
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push('name', 'message');
  for (const key of keys) {
    if (expected[key] instanceof RegExp && typeof error[key] === 'string' ? !expected[key].test(error[key]) : !deepEqual(error[key], expected[key], true)) {
      fail(message || `Expected error to have ${key} ${inspect(expected[key])}, got ${inspect(error[key])}`, error, expected, 'throws');
    }
  }
}

Object.assign(assert, {
  AssertionError, ok: assert,
  fail(message = 'Failed') { fail(message, undefined, undefined, 'fail', assert.fail); },
  throws(callback, expected, message) {
    if (typeof expected === 'string') [expected, message] = [undefined, expected];
    try {
      callback();
    } catch (error) {
      matches(error, expected, message);
      return;
    }
    fail(message || 'Missing expected exception.', undefined, expected, 'throws', assert.throws);
  },
  doesNotThrow(callback, expected, message) {
    try {
      callback();
    } catch (error) {
      fail(`Got unwanted exception.\nActual message: "${error && error.message}"`, error, expected, 'doesNotThrow', assert.doesNotThrow);
    }
  },
  async rejects(promise, expected, message) {
    try {
      await (typeof promise === 'function' ? promise() : promise);
    } catch (error) {
      matches(error, expected, message);
      return;
    }
    fail(message || 'Missing expected rejection.', undefined, expected, 'rejects', assert.rejects);
  },
  async doesNotReject(promise) {
    try {
      await (typeof promise === 'function' ? promise() : promise);
    } catch (error) {
      fail(`Got unwanted rejection.\nActual message: "${error && error.message}"`, error, undefined, 'doesNotReject', assert.doesNotReject);
    }
  },
  ifError(value) { if (value !== null && value !== undefined) throw value instanceof Error ? value : new AssertionError({ message: `ifError got unwanted exception: ${inspect(value)}`, actual: value, expected: null, operator: 'ifError' }); },
  match(text, expression, message) { if (!expression.test(text)) fail(message || `The input did not match the regular expression ${inspect(expression)}. Input:\n\n${inspect(text)}\n`, text, expression, 'match', assert.match); },
  doesNotMatch(text, expression, message) { if (expression.test(text)) fail(message || `The input was expected to not match the regular expression ${inspect(expression)}.`, text, expression, 'doesNotMatch', assert.doesNotMatch); },
});
assert.strict = Object.assign((...args) => assert(...args), assert, { equal: assert.strictEqual, notEqual: assert.notStrictEqual, deepEqual: assert.deepStrictEqual, notDeepEqual: assert.notDeepStrictEqual });
assert.strict.strict = assert.strict;

module.exports = assert;
