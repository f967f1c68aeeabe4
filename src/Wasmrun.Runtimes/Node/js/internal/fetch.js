// fetch and what belongs to it, on the HTTP client.
'use strict';

const { coded, refused } = require('internal/errors');
const { Blob, File } = require('internal/blob');
const { ReadableStream } = require('internal/webstreams');
const { TOKEN } = require('internal/http_parser');

class Headers {
  constructor(init) {
    Object.defineProperty(this, '_map', { value: new Map(), enumerable: false });
    if (init === undefined || init === null) return;
    for (const [name, value] of typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init)) this.append(name, value);
  }
  #name(name) {
    if (!TOKEN.test(String(name))) throw new TypeError(`Headers: "${name}" is an invalid header name.`);
    return String(name).toLowerCase();
  }
  append(name, value) {
    const key = this.#name(name);
    this._map.set(key, [...(this._map.get(key) || []), String(value).trim()]);
  }
  set(name, value) { this._map.set(this.#name(name), [String(value).trim()]); }
  delete(name) { this._map.delete(this.#name(name)); }
  has(name) { return this._map.has(this.#name(name)); }
  get(name) {
    const values = this._map.get(this.#name(name));
    return values === undefined ? null : values.join(', ');
  }
  getSetCookie() { return [...(this._map.get('set-cookie') || [])]; }
  * entries() {
    for (const name of [...this._map.keys()].sort()) {
      if (name === 'set-cookie') for (const value of this._map.get(name)) yield [name, value];
      else yield [name, this.get(name)];
    }
  }
  * keys() { for (const [name] of this.entries()) yield name; }
  * values() { for (const [, value] of this.entries()) yield value; }
  forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
  [Symbol.iterator]() { return this.entries(); }
  get [Symbol.toStringTag]() { return 'Headers'; }
}

class FormData {
  constructor() { Object.defineProperty(this, '_list', { value: [], writable: true, enumerable: false }); }
  #value(value, filename) {
    if (!(value instanceof Blob)) return String(value);
    return value instanceof File && filename === undefined ? value : new File([value], filename === undefined ? 'blob' : filename, { type: value.type });
  }
  append(name, value, filename) { this._list.push([String(name), this.#value(value, filename)]); }
  set(name, value, filename) {
    const at = this._list.findIndex((pair) => pair[0] === name);
    this._list = this._list.filter((pair, i) => pair[0] !== name || i === at);
    if (at < 0) this.append(name, value, filename);
    else this._list[this._list.findIndex((pair) => pair[0] === name)] = [String(name), this.#value(value, filename)];
  }
  get(name) { const found = this._list.find((pair) => pair[0] === name); return found === undefined ? null : found[1]; }
  getAll(name) { return this._list.filter((pair) => pair[0] === name).map((pair) => pair[1]); }
  has(name) { return this._list.some((pair) => pair[0] === name); }
  delete(name) { this._list = this._list.filter((pair) => pair[0] !== name); }
  forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
  * entries() { yield* this._list.map((pair) => [...pair]); }
  * keys() { for (const pair of this._list) yield pair[0]; }
  * values() { for (const pair of this._list) yield pair[1]; }
  [Symbol.iterator]() { return this.entries(); }
  get [Symbol.toStringTag]() { return 'FormData'; }
}

function encodeForm(form) {
  const boundary = `----wasmrun${Buffer.from(internal.host.randomBytes(12)).toString('hex')}`;
  const quote = (text) => text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
  const parts = [];
  for (const [name, value] of form) {
    const isFile = typeof value !== 'string';
    parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${quote(name)}"${isFile ? `; filename="${quote(value.name)}"\r\nContent-Type: ${value.type || 'application/octet-stream'}` : ''}\r\n\r\n`));
    parts.push(isFile ? value._bytes : Buffer.from(value), Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return [Buffer.concat(parts), `multipart/form-data; boundary=${boundary}`];
}

// The bytes or stream of a body, and the type that goes with it.
function extract(body) {
  if (body === undefined || body === null) return [null, null];
  if (typeof body === 'string') return [Buffer.from(body), 'text/plain;charset=UTF-8'];
  if (body instanceof URLSearchParams) return [Buffer.from(String(body)), 'application/x-www-form-urlencoded;charset=UTF-8'];
  if (body instanceof FormData) return encodeForm(body);
  if (body instanceof Blob) return [body._bytes, body.type || null];
  if (body instanceof ArrayBuffer) return [Buffer.from(body.slice(0)), null];
  if (ArrayBuffer.isView(body)) return [Buffer.from(new Uint8Array(body.buffer, body.byteOffset, body.byteLength)), null];
  if (body instanceof ReadableStream) return [body, null];
  if (typeof body[Symbol.asyncIterator] === 'function') return [ReadableStream.from(body), null];
  return [Buffer.from(String(body)), 'text/plain;charset=UTF-8'];
}

class Body {
  #taken = false;
  constructor(content) { Object.defineProperty(this, '_content', { value: content, writable: true, enumerable: false }); }
  get body() {
    if (this._content instanceof Uint8Array) {
      const bytes = this._content;
      this._content = new ReadableStream({ start(controller) { if (bytes.length > 0) controller.enqueue(new Uint8Array(bytes)); controller.close(); } });
    }
    return this._content;
  }
  get bodyUsed() { return this.#taken; }
  async #bytes() {
    if (this.#taken || (this._content instanceof ReadableStream && this._content.locked)) throw new TypeError('Body is unusable: Body has already been read');
    this.#taken = this._content !== null;
    if (this._content === null) return Buffer.alloc(0);
    return this._content instanceof Uint8Array ? Buffer.from(this._content) : require('stream/consumers').buffer(this._content);
  }
  async arrayBuffer() {
    const bytes = await this.#bytes();
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  }
  async bytes() { return new Uint8Array(await this.arrayBuffer()); }
  async text() { return new TextDecoder().decode(await this.#bytes()); }
  async json() { return JSON.parse(await this.text()); }
  async blob() { return new Blob([await this.#bytes()], { type: this.headers.get('content-type') || '' }); }
  async formData() {
    const type = this.headers.get('content-type') || '';
    const form = new FormData();
    if (type.startsWith('application/x-www-form-urlencoded')) {
      for (const [name, value] of new URLSearchParams(await this.text())) form.append(name, value);
      return form;
    }
    const boundary = /boundary="?([^";]+)"?/.exec(type);
    if (boundary === null) throw new TypeError('Could not parse content as FormData.');
    for (const part of (await this.#bytes()).toString('latin1').split(`--${boundary[1]}`).slice(1, -1)) {
      const end = part.indexOf('\r\n\r\n');
      const head = Buffer.from(part.slice(0, end), 'latin1').toString();
      const content = Buffer.from(part.slice(end + 4, -2), 'latin1');
      const name = /name="([^"]*)"/.exec(head);
      const file = /filename="([^"]*)"/.exec(head);
      const kind = /content-type: *([^\r\n]*)/i.exec(head);
      if (name === null) throw new TypeError('Could not parse content as FormData.');
      form.append(name[1], file === null ? content.toString() : new File([content], file[1], { type: kind === null ? '' : kind[1] }));
    }
    return form;
  }
  _copy() {
    if (this.#taken) throw new TypeError('Body has already been consumed.');
    if (!(this._content instanceof ReadableStream)) return this._content;
    const [first, second] = this._content.tee();
    this._content = first;
    return second;
  }
}

class Request extends Body {
  constructor(input, init = {}) {
    const base = input instanceof Request ? input : null;
    const [content, type] = init.body !== undefined ? extract(init.body) : [base === null ? null : base._copy(), null];
    super(content);
    this.url = base === null ? new URL(String(input)).href : base.url;
    const method = String(init.method || (base && base.method) || 'GET');
    this.method = ['get', 'head', 'post', 'put', 'delete', 'options'].includes(method.toLowerCase()) ? method.toUpperCase() : method;
    if (content !== null && (this.method === 'GET' || this.method === 'HEAD')) throw new TypeError('Request with GET/HEAD method cannot have body.');
    this.headers = new Headers(init.headers || (base && base.headers));
    if (type !== null && !this.headers.has('content-type')) this.headers.set('content-type', type);
    this.signal = init.signal || (base && base.signal) || new AbortController().signal;
    this.redirect = init.redirect || (base && base.redirect) || 'follow';
    Object.assign(this, { mode: init.mode || 'cors', credentials: init.credentials || 'same-origin', cache: init.cache || 'default', referrer: 'about:client', integrity: '', keepalive: false, duplex: 'half' });
  }
  clone() { return new Request(this); }
  get [Symbol.toStringTag]() { return 'Request'; }
}

const EMPTY = new Set([101, 204, 205, 304]);

class Response extends Body {
  constructor(body = null, init = {}) {
    const [content, type] = extract(body);
    super(content);
    this.status = init.status === undefined ? 200 : init.status;
    if (!(this.status >= 200 && this.status <= 599) && !init._any) throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
    if (content !== null && EMPTY.has(this.status) && !init._any) throw new TypeError(`Response constructor: Invalid response status code ${this.status}`);
    this.statusText = init.statusText || '';
    this.headers = new Headers(init.headers);
    if (type !== null && !this.headers.has('content-type')) this.headers.set('content-type', type);
    this.type = 'default';
    this.url = init._url || '';
    this.redirected = Boolean(init._redirected);
  }
  get ok() { return this.status >= 200 && this.status <= 299; }
  clone() { return new Response(this._copy(), { status: this.status, statusText: this.statusText, headers: this.headers, _url: this.url, _any: true }); }
  static json(value, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new Response(JSON.stringify(value), { ...init, headers });
  }
  static error() { return Object.assign(new Response(null, { status: 0, _any: true }), { type: 'error' }); }
  static redirect(url, status = 302) { return new Response(null, { status, headers: { location: new URL(url).href } }); }
  get [Symbol.toStringTag]() { return 'Response'; }
}

function failed(cause) {
  const error = new TypeError('fetch failed');
  error.cause = cause;
  return error;
}

function send(request, url, content, redirects, resolve, reject) {
  const { protocol } = new URL(url);
  if (protocol !== 'http:') {
    reject(failed(protocol === 'https:' ? refused(`fetch of ${url}`, 'TLS is not there; use http, or a proxy that speaks TLS') : coded(Error, 'ERR_INVALID_URL', `unknown scheme ${protocol}`)));
    return;
  }
  const headers = Object.fromEntries(request.headers);
  headers.accept ??= '*/*';
  headers['user-agent'] ??= 'node';
  headers['accept-encoding'] ??= 'gzip, deflate, br';
  if (content instanceof Uint8Array) headers['content-length'] = String(content.length);
  else if (content === null && ['POST', 'PUT'].includes(request.method)) headers['content-length'] = '0';
  const outgoing = require('http').request(url, { method: request.method, headers });
  const abort = () => {
    reject(request.signal.reason);
    outgoing.destroy();
  };
  if (request.signal.aborted) {
    abort();
    return;
  }
  request.signal.addEventListener('abort', abort, { once: true });
  outgoing.on('error', (error) => reject(failed(error)));
  outgoing.on('response', (incoming) => {
    const location = incoming.headers.location;
    if ([301, 302, 303, 307, 308].includes(incoming.statusCode) && location && request.redirect !== 'manual') {
      incoming.resume();
      if (request.redirect === 'error' || redirects === 20) {
        reject(failed(new Error(redirects === 20 ? 'redirect count exceeded' : 'unexpected redirect')));
        return;
      }
      const next = new URL(location, url).href;
      const asGet = incoming.statusCode === 303 || (incoming.statusCode < 303 && request.method === 'POST');
      const again = asGet ? new Request(next, { headers: request.headers, signal: request.signal }) : request;
      if (new URL(next).origin !== new URL(url).origin) again.headers.delete('authorization');
      send(again, next, asGet ? null : content, redirects + 1, resolve, reject);
      return;
    }
    const coding = incoming.headers['content-encoding'];
    const zlib = require('zlib');
    const unpack = { gzip: zlib.createGunzip, 'x-gzip': zlib.createGunzip, deflate: zlib.createInflate, br: zlib.createBrotliDecompress }[coding];
    const source = unpack === undefined ? incoming : require('stream').pipeline(incoming, unpack(), () => {});
    const list = [];
    for (let i = 0; i < incoming.rawHeaders.length; i += 2) list.push([incoming.rawHeaders[i], incoming.rawHeaders[i + 1]]);
    const hasBody = request.method !== 'HEAD' && !EMPTY.has(incoming.statusCode);
    if (!hasBody) incoming.resume();
    const iterator = hasBody ? source[Symbol.asyncIterator]() : null;
    const body = iterator === null ? null : new ReadableStream({
      async pull(controller) {
        const { value, done } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      },
      cancel() { source.destroy(); },
    }, { highWaterMark: 0 });
    resolve(new Response(body, { status: incoming.statusCode, statusText: incoming.statusMessage, headers: list, _url: url, _redirected: redirects > 0, _any: true }));
  });
  if (content instanceof ReadableStream) require('stream').pipeline(require('stream').Readable.from(content), outgoing, () => {});
  else outgoing.end(content === null ? undefined : content);
}

function fetch(input, init) {
  return new Promise((resolve, reject) => {
    const request = new Request(input, init);
    send(request, request.url, request._content, 0, resolve, reject);
  });
}

module.exports = { fetch, Headers, Request, Response, FormData };
