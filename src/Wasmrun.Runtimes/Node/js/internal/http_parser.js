// HTTP/1.1 from the wire: heads, bodies by length, by chunks and to the end, and nothing that two readers could read in two ways.
'use strict';

const { host } = internal;
const { coded } = require('internal/errors');
const { lower } = require('internal/http_incoming');

const HEAD = 0;
const LENGTH = 1;
const CHUNK_SIZE = 2;
const CHUNK = 3;
const CHUNK_END = 4;
const TRAILERS = 5;
const UNTIL_CLOSE = 6;
const UPGRADED = 7;
const LATIN1 = 1;
const MAX_CHUNK_LINE = 1024;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BARE_LINE_FEED = /[^\r]\n/;
const BAD_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]/;

function parseError(code, reason) {
  const error = coded(Error, code, `Parse Error: ${reason}`);
  error.reason = reason;
  return error;
}

// The owner has onHead(head) -> body mode, or 'done' for a message that it has ended by itself, onBody(bytes), onTrailers(raw), onMessageEnd(), maxHeaderSize.
class Parser {
  constructor(owner, maxHeaderSize) {
    this.owner = owner;
    this.maxHeaderSize = maxHeaderSize;
    this.state = HEAD;
    this.pending = '';
    this.left = 0;
    this.line = '';
    this.trailers = null;
    this.stopped = false;
    this.block = null;
    this.fields = null;
  }

  // Answers where it stopped: the rest belongs to an upgraded connection, or waits until the owner resumes.
  execute(bytes) {
    let at = 0;
    const end = bytes.length;
    while (at < end) {
      if (this.state === UPGRADED || this.stopped) return at;
      switch (this.state) {
        case HEAD: at = this.readHead(bytes, at); break;
        case LENGTH: case CHUNK: {
          const count = Math.min(this.left, end - at);
          this.left -= count;
          const isLast = this.left === 0;
          const part = at === 0 && count === end ? bytes : bytes.subarray(at, at + count);
          at += count;
          if (isLast && this.state === CHUNK) this.state = CHUNK_END;
          this.owner.onBody(part);
          if (isLast && this.state === LENGTH) this.endMessage();
          break;
        }
        case UNTIL_CLOSE:
          this.owner.onBody(at === 0 ? bytes : bytes.subarray(at));
          return end;
        default: at = this.readLine(bytes, at);
      }
    }
    return at;
  }

  // Whether a head of this length can begin now.
  takesHead(length) {
    return this.state === HEAD && this.pending === '' && !this.stopped && length <= this.maxHeaderSize;
  }

  endMessage() {
    this.state = HEAD;
    this.owner.onMessageEnd();
  }

  readHead(bytes, at) {
    const former = this.pending.length;
    if (former === 0) while (at < bytes.length && (bytes[at] === 13 || bytes[at] === 10)) at++;
    if (at === bytes.length) return at;
    const text = this.pending + host.decode(bytes, LATIN1, at, bytes.length);
    const end = text.indexOf('\r\n\r\n', Math.max(0, former - 3));
    if (end < 0 || end > this.maxHeaderSize) {
      if (text.length > this.maxHeaderSize) throw parseError('HPE_HEADER_OVERFLOW', 'Header overflow');
      if (BARE_LINE_FEED.test(text)) throw parseError('HPE_CR_EXPECTED', 'Missing expected CR after header value');
      this.pending = text;
      return bytes.length;
    }
    this.pending = '';
    const lineEnd = text.indexOf('\r\n');
    this.begin(text.slice(0, lineEnd), text.slice(lineEnd + 2, end));
    return at + end + 4 - former;
  }

  begin(line, block) {
    // Most clients send the same lines with each request of a connection: they are read once.
    if (block !== this.block) {
      this.fields = this.readFields(block);
      this.block = block;
    }
    const head = this.fields;
    head.line = line;
    const mode = this.owner.onHead(head);
    if (mode === 'done') return;
    if (mode === 'upgrade') this.state = UPGRADED;
    else if (mode === 'none') this.endMessage();
    else if (head.chunked) this.state = CHUNK_SIZE;
    else if (head.length > 0) {
      this.left = head.length;
      this.state = LENGTH;
    } else if (mode === 'close' && head.length === undefined) this.state = UNTIL_CLOSE;
    else this.endMessage();
  }

  readFields(text) {
    const head = { line: '', raw: [], length: undefined, chunked: false, connection: '', closes: false, keeps: false, upgrade: false, expect: undefined, hosts: 0, isPlain: false };
    let at = 0;
    while (at < text.length) {
      let end = text.indexOf('\r\n', at);
      if (end < 0) end = text.length;
      const colon = text.indexOf(':', at);
      if (colon < 0 || colon >= end) throw parseError('HPE_INVALID_HEADER_TOKEN', 'Invalid header token');
      const name = text.slice(at, colon);
      const value = text.slice(colon + 1, end).replace(/^[ \t]+|[ \t]+$/g, '');
      if (!TOKEN.test(name)) throw parseError('HPE_INVALID_HEADER_TOKEN', 'Invalid header token');
      if (BAD_VALUE.test(value)) throw parseError('HPE_INVALID_HEADER_TOKEN', 'Invalid header value char');
      head.raw.push(name, value);
      this.note(head, lower(name), value);
      at = end + 2;
    }
    if (head.chunked && head.length !== undefined) throw parseError('HPE_INVALID_TRANSFER_ENCODING', "Content-Length can't be present with Transfer-Encoding");
    head.closes = /\bclose\b/.test(head.connection);
    head.keeps = /\bkeep-alive\b/.test(head.connection);
    // As most requests are: no body, and nothing to be careful about.
    head.isPlain = head.hosts === 1 && !head.chunked && head.length === undefined && !head.upgrade && head.expect === undefined;
    return head;
  }

  note(head, name, value) {
    switch (name) {
      case 'content-length': {
        if (!/^\d{1,15}$/.test(value)) throw parseError('HPE_INVALID_CONTENT_LENGTH', 'Invalid character in Content-Length');
        if (head.length !== undefined) throw parseError('HPE_UNEXPECTED_CONTENT_LENGTH', 'Content-Length already present');
        head.length = Number(value);
        break;
      }
      case 'transfer-encoding':
        // What a server sends in a coding of its own ends with the connection; a request would have no end.
        if (this.owner.isClient && !/\bchunked\b/i.test(value)) break;
        if (head.chunked || !/^(.*,\s*)?chunked$/i.test(value)) throw parseError('HPE_INVALID_TRANSFER_ENCODING', 'Request has invalid `Transfer-Encoding`');
        head.chunked = true;
        break;
      case 'connection': head.connection += (head.connection === '' ? '' : ',') + value.toLowerCase(); break;
      case 'upgrade': head.upgrade = true; break;
      case 'expect': head.expect = value; break;
      case 'host': head.hosts++; break;
    }
  }

  readLine(bytes, at) {
    let end = bytes.indexOf(10, at);
    const isWhole = end >= 0;
    if (!isWhole) end = bytes.length;
    this.line += host.decode(bytes, LATIN1, at, end);
    if (this.line.length > (this.state === TRAILERS ? this.maxHeaderSize : MAX_CHUNK_LINE)) throw parseError('HPE_INVALID_CHUNK_SIZE', 'Invalid character in chunk size');
    if (!isWhole) return end;
    if (!this.line.endsWith('\r')) throw parseError('HPE_STRICT', 'Expected LF after CR');
    const line = this.line.slice(0, -1);
    this.line = '';
    this.takeLine(line);
    return end + 1;
  }

  takeLine(line) {
    if (this.state === CHUNK_END) {
      if (line !== '') throw parseError('HPE_STRICT', 'Expected LF after chunk data');
      this.state = CHUNK_SIZE;
    } else if (this.state === CHUNK_SIZE) {
      const size = /^([0-9a-fA-F]{1,12})[ \t]*(;[^\r\n\u0000]*)?$/.exec(line);
      if (size === null) throw parseError('HPE_INVALID_CHUNK_SIZE', 'Invalid character in chunk size');
      this.left = parseInt(size[1], 16);
      this.state = this.left === 0 ? TRAILERS : CHUNK;
      this.trailers = [];
    } else if (line !== '') {
      const colon = line.indexOf(':');
      if (colon <= 0 || !TOKEN.test(line.slice(0, colon))) throw parseError('HPE_INVALID_HEADER_TOKEN', 'Invalid header token');
      this.trailers.push(line.slice(0, colon), line.slice(colon + 1).trim());
      if (this.trailers.length > 200) throw parseError('HPE_HEADER_OVERFLOW', 'Header overflow');
    } else {
      if (this.trailers.length > 0) this.owner.onTrailers(this.trailers);
      this.endMessage();
    }
  }

  // The other side has closed; answers whether it may do so now.
  finish() {
    if (this.state === UNTIL_CLOSE) {
      this.endMessage();
      return true;
    }
    return this.state === HEAD && this.pending === '';
  }
}

module.exports = { Parser, parseError, TOKEN };
