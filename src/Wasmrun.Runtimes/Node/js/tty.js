'use strict';

const { refused } = require('internal/errors');

function ReadStream() { throw refused('tty.ReadStream', 'a guest has no terminal'); }
function WriteStream() { throw refused('tty.WriteStream', 'a guest has no terminal'); }

module.exports = { isatty: () => false, ReadStream, WriteStream };
