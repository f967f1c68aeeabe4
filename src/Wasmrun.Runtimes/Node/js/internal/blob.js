'use strict';

class Blob {
  constructor(parts = [], options = {}) {
    const buffers = [];
    for (const part of parts) {
      if (part instanceof Blob) buffers.push(part._bytes);
      else if (part instanceof ArrayBuffer) buffers.push(Buffer.from(part));
      else if (ArrayBuffer.isView(part)) buffers.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
      else buffers.push(Buffer.from(String(part)));
    }
    Object.defineProperty(this, '_bytes', { value: Buffer.concat(buffers), enumerable: false });
    this._type = String(options.type || '').toLowerCase();
    Object.defineProperty(this, '_type', { enumerable: false });
  }
  get size() { return this._bytes.length; }
  get type() { return this._type; }
  async arrayBuffer() { return this._bytes.buffer.slice(this._bytes.byteOffset, this._bytes.byteOffset + this._bytes.length); }
  async bytes() { return new Uint8Array(await this.arrayBuffer()); }
  async text() { return this._bytes.toString('utf8'); }
  slice(start, end, type) { return new Blob([this._bytes.subarray(start, end)], { type }); }
  stream() { return require('internal/webstreams').ReadableStream.from([this._bytes]); }
  get [Symbol.toStringTag]() { return 'Blob'; }
}

class File extends Blob {
  constructor(parts, name, options = {}) {
    super(parts, options);
    this.name = String(name);
    this.lastModified = options.lastModified === undefined ? Date.now() : Number(options.lastModified);
  }
  get [Symbol.toStringTag]() { return 'File'; }
}

module.exports = { Blob, File };
