'use strict';

const { host } = internal;
const { coded } = require('internal/errors');

class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') { return host.encode(String(text), 0); }
  encodeInto(text, target) {
    let read = 0;
    let written = 0;
    for (const letter of String(text)) {
      const bytes = host.encode(letter, 0);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += letter.length;
    }
    return { read, written };
  }
}

const LABELS = {
  'utf-8': 'utf8', utf8: 'utf8', 'unicode-1-1-utf-8': 'utf8', 'utf-16le': 'utf16le', 'utf-16': 'utf16le', ucs2: 'utf16le', latin1: 'latin1',
  'iso-8859-1': 'latin1', 'windows-1252': 'latin1', ascii: 'latin1', 'us-ascii': 'latin1',
};

class TextDecoder {
  constructor(label = 'utf-8', options = {}) {
    this._name = LABELS[String(label).trim().toLowerCase()];
    if (this._name === undefined) throw coded(RangeError, 'ERR_ENCODING_NOT_SUPPORTED', `The "${label}" encoding is not supported`);
    this.encoding = { utf8: 'utf-8', utf16le: 'utf-16le', latin1: 'windows-1252' }[this._name];
    this.fatal = Boolean(options.fatal);
    this.ignoreBOM = Boolean(options.ignoreBOM);
    this._started = false;
    this._decoder = null;
  }
  decode(input, options = {}) {
    const view = input === undefined ? new Uint8Array(0)
      : input instanceof ArrayBuffer || input instanceof SharedArrayBuffer ? new Uint8Array(input)
        : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    if (this.fatal && this._name === 'utf8' && !options.stream && !host.isUtf8(view)) {
      throw coded(TypeError, 'ERR_ENCODING_INVALID_ENCODED_DATA', 'The encoded data was not valid for encoding utf-8');
    }
    let text;
    if (options.stream || this._decoder !== null) {
      this._decoder ||= new (require('string_decoder').StringDecoder)(this._name);
      text = options.stream ? this._decoder.write(view) : this._decoder.end(view);
      if (!options.stream) this._decoder = null;
    } else {
      text = Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString(this._name);
    }
    if (!this._started && !this.ignoreBOM && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    this._started = Boolean(options.stream) && (this._started || text.length > 0);
    return text;
  }
}

module.exports = { TextEncoder, TextDecoder };
