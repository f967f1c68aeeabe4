// URL and URLSearchParams after the WHATWG's standard.
'use strict';

const { coded, invalidArgType } = require('internal/errors');
const { PORTS, isSpecial, percent, escape, unescape, invalid, parse, parseHost, cleanPath, serialize } = require('internal/url_parser');

class URL {
  #url;
  #params = null;
  constructor(input, base) {
    if (arguments.length === 0) throw coded(TypeError, 'ERR_MISSING_ARGS', 'The "url" argument must be specified');
    input = String(input);
    let parsedBase;
    if (base !== undefined) {
      parsedBase = base instanceof URL ? base.#url : parse(String(base));
      if (parsedBase === null) throw invalid(input, String(base));
    }
    const url = parse(input, parsedBase);
    if (url === null) throw invalid(input, base === undefined ? undefined : String(base));
    this.#url = url;
  }
  static canParse(input, base) { return URL.parse(input, base) !== null; }
  static parse(input, base) {
    try {
      return new URL(input, base);
    } catch {
      return null;
    }
  }
  static createObjectURL() { throw require('internal/errors').refused('URL.createObjectURL', 'nothing could load what it names'); }
  static revokeObjectURL() {}
  #reparse(text) {
    const url = parse(text);
    if (url !== null) this.#url = url;
  }
  get href() { return serialize(this.#url); }
  set href(value) {
    const url = parse(String(value));
    if (url === null) throw invalid(String(value));
    this.#url = url;
    this.#refresh();
  }
  get origin() {
    const { protocol, host, port } = this.#url;
    return isSpecial(protocol) && protocol !== 'file:' ? `${protocol}//${host}${port === '' ? '' : ':' + port}` : 'null';
  }
  get protocol() { return this.#url.protocol; }
  set protocol(value) {
    const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):?/.exec(String(value));
    if (match && isSpecial(match[1].toLowerCase() + ':') === isSpecial(this.#url.protocol)) {
      this.#url.protocol = match[1].toLowerCase() + ':';
      if (this.#url.port === PORTS[this.#url.protocol]) this.#url.port = '';
    }
  }
  get username() { return this.#url.username; }
  set username(value) { if (this.#url.host) this.#url.username = escape(String(value), 'userinfo'); }
  get password() { return this.#url.password; }
  set password(value) { if (this.#url.host) this.#url.password = escape(String(value), 'userinfo'); }
  get host() { return this.#url.host === null ? '' : this.#url.host + (this.#url.port === '' ? '' : ':' + this.#url.port); }
  set host(value) {
    if (this.#url.opaque) return;
    const parsed = parse(`${this.#url.protocol}//${String(value).replace(/[/\\?#].*$/, '')}`);
    if (parsed !== null && parsed.host !== null) {
      this.#url.host = parsed.host;
      if (/:\d+$/.test(String(value))) this.#url.port = parsed.port;
    }
  }
  get hostname() { return this.#url.host === null ? '' : this.#url.host; }
  set hostname(value) {
    if (this.#url.opaque) return;
    const host = parseHost(String(value).replace(/[/\\?#:].*$/, (part) => (String(value).startsWith('[') ? part : '')), isSpecial(this.#url.protocol));
    if (host !== null) this.#url.host = host;
  }
  get port() { return this.#url.port; }
  set port(value) {
    if (!this.#url.host) return;
    const digits = /^\d*/.exec(String(value))[0];
    if (String(value) === '') this.#url.port = '';
    else if (digits !== '' && +digits <= 65535) this.#url.port = String(+digits) === PORTS[this.#url.protocol] ? '' : String(+digits);
  }
  get pathname() { return this.#url.path; }
  set pathname(value) {
    if (this.#url.opaque) return;
    this.#url.path = cleanPath(String(value).replace(/^[/\\]/, '').replaceAll('?', '%3F').replaceAll('#', '%23'), isSpecial(this.#url.protocol));
  }
  get search() { return this.#url.query ? '?' + this.#url.query : ''; }
  set search(value) {
    const text = String(value).replace(/^\?/, '');
    this.#url.query = text === '' ? null : escape(text, isSpecial(this.#url.protocol) ? 'specialQuery' : 'query');
    this.#refresh();
  }
  get searchParams() {
    if (this.#params === null) {
      this.#params = new URLSearchParams(this.#url.query || '');
      this.#params._changed = (text) => { this.#url.query = text === '' ? null : text; };
    }
    return this.#params;
  }
  #refresh() { if (this.#params !== null) this.#params._list = decodeForm(this.#url.query || ''); }
  get hash() { return this.#url.fragment ? '#' + this.#url.fragment : ''; }
  set hash(value) {
    const text = String(value).replace(/^#/, '');
    this.#url.fragment = text === '' ? null : escape(text, 'fragment');
  }
  toString() { return this.href; }
  toJSON() { return this.href; }
  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    const shown = {};
    for (const name of ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'searchParams', 'hash']) shown[name] = this[name];
    return `URL ${inspect(shown, options)}`;
  }
}
for (const name of Object.getOwnPropertyNames(URL.prototype)) {
  const descriptor = Object.getOwnPropertyDescriptor(URL.prototype, name);
  if (descriptor.get) Object.defineProperty(URL.prototype, name, { ...descriptor, enumerable: true });
}

const formDecode = (text) => unescape(text.replaceAll('+', ' '));
const formEncode = (text) => escape(text, 'userinfo').replace(/[!'()~$&+,]/g, percent).replaceAll('%20', '+');

function decodeForm(text) {
  const list = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    list.push(equals < 0 ? [formDecode(part), ''] : [formDecode(part.slice(0, equals)), formDecode(part.slice(equals + 1))]);
  }
  return list;
}

class URLSearchParams {
  constructor(init) {
    let list = [];
    if (init !== undefined && init !== null && typeof init === 'object' || typeof init === 'function') {
      if (typeof init[Symbol.iterator] === 'function') {
        for (const pair of init) {
          const both = [...pair];
          if (both.length !== 2) throw coded(TypeError, 'ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');
          list.push([String(both[0]), String(both[1])]);
        }
      } else {
        for (const key of Reflect.ownKeys(init)) if (typeof key === 'string') list.push([key, String(init[key])]);
      }
    } else if (init !== undefined && init !== null) {
      list = decodeForm(String(init).replace(/^\?/, ''));
    }
    Object.defineProperty(this, '_list', { value: list, writable: true, enumerable: false });
    Object.defineProperty(this, '_changed', { value: () => {}, writable: true, enumerable: false });
  }
  get size() { return this._list.length; }
  append(name, value) { this._list.push([String(name), String(value)]); this._changed(this.toString()); }
  delete(name, value) {
    this._list = this._list.filter((pair) => pair[0] !== String(name) || (value !== undefined && pair[1] !== String(value)));
    this._changed(this.toString());
  }
  get(name) {
    const found = this._list.find((pair) => pair[0] === String(name));
    return found === undefined ? null : found[1];
  }
  getAll(name) { return this._list.filter((pair) => pair[0] === String(name)).map((pair) => pair[1]); }
  has(name, value) { return this._list.some((pair) => pair[0] === String(name) && (value === undefined || pair[1] === String(value))); }
  set(name, value) {
    const at = this._list.findIndex((pair) => pair[0] === String(name));
    if (at < 0) this._list.push([String(name), String(value)]);
    else this._list = this._list.filter((pair, i) => i <= at || pair[0] !== String(name)).map((pair, i) => (i === at ? [pair[0], String(value)] : pair));
    this._changed(this.toString());
  }
  sort() {
    this._list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this._changed(this.toString());
  }
  forEach(callback, self) {
    if (typeof callback !== 'function') throw invalidArgType('callback', 'function', callback);
    for (const [name, value] of this._list) callback.call(self, value, name, this);
  }
  * entries() { for (const pair of this._list) yield [pair[0], pair[1]]; }
  * keys() { for (const pair of this._list) yield pair[0]; }
  * values() { for (const pair of this._list) yield pair[1]; }
  [Symbol.iterator]() { return this.entries(); }
  toString() { return this._list.map((pair) => `${formEncode(pair[0])}=${formEncode(pair[1])}`).join('&'); }
  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    return this._list.length === 0 ? 'URLSearchParams {}' : `URLSearchParams { ${this._list.map((pair) => `${inspect(pair[0], options)} => ${inspect(pair[1], options)}`).join(', ')} }`;
  }
}
Object.defineProperty(URLSearchParams.prototype, Symbol.toStringTag, { value: 'URLSearchParams', configurable: true });
Object.defineProperty(URL.prototype, Symbol.toStringTag, { value: 'URL', configurable: true });

module.exports = { URL, URLSearchParams };
