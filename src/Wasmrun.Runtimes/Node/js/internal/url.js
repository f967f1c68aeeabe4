// URL and URLSearchParams after the WHATWG's standard; names outside ASCII are taken in their "xn--" form only.
'use strict';

const { coded, invalidArgType } = require('internal/errors');

const PORTS = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21', 'file:': '' };
const isSpecial = (protocol) => Object.hasOwn(PORTS, protocol);

// What is written as %XX in each part, beside controls and everything outside ASCII.
const SETS = {
  fragment: /[\u0000-\u001f "<>`\u007f-\u{10ffff}]/gu,
  query: /[\u0000-\u001f "#<>\u007f-\u{10ffff}]/gu,
  specialQuery: /[\u0000-\u001f "#<>'\u007f-\u{10ffff}]/gu,
  path: /[\u0000-\u001f "#<>?`{}^\u007f-\u{10ffff}]/gu,
  userinfo: /[\u0000-\u001f "#<>?`{}/:;=@[\\\]^|\u007f-\u{10ffff}]/gu,
  opaque: /[\u0000-\u001f\u007f-\u{10ffff}]/gu,
};

function percent(letter) {
  let text = '';
  for (const byte of Buffer.from(letter, 'utf8')) text += '%' + byte.toString(16).toUpperCase().padStart(2, '0');
  return text;
}

const escape = (text, set) => text.toWellFormed().replace(SETS[set], percent);

function unescape(text) {
  if (!text.includes('%')) return text;
  const bytes = [];
  const source = Buffer.from(text, 'utf8');
  for (let i = 0; i < source.length; i++) {
    const hex = source[i] === 37 ? source.toString('latin1', i + 1, i + 3) : '';
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(parseInt(hex, 16));
      i += 2;
    } else {
      bytes.push(source[i]);
    }
  }
  return Buffer.from(bytes).toString('utf8');
}

function invalid(input, base) {
  const error = coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
  error.input = input;
  if (base !== undefined) error.base = base;
  return error;
}

function parseIPv4(host) {
  const parts = host.split('.');
  if (parts[parts.length - 1] === '' && parts.length > 1) parts.pop();
  const last = parts[parts.length - 1];
  if (!/^(\d+|0[xX][0-9a-fA-F]*)$/.test(last)) return undefined;
  if (parts.length > 4) return null;
  const numbers = [];
  for (const part of parts) {
    let number = NaN;
    if (/^0[xX][0-9a-fA-F]*$/.test(part)) number = part.length === 2 ? 0 : parseInt(part, 16);
    else if (/^0[0-7]*$/.test(part)) number = parseInt(part, 8);
    else if (/^[1-9]\d*$/.test(part)) number = parseInt(part, 10);
    if (Number.isNaN(number)) return null;
    numbers.push(number);
  }
  const end = numbers.pop();
  if (numbers.some((number) => number > 255) || end >= 256 ** (4 - numbers.length)) return null;
  let address = end;
  numbers.forEach((number, i) => { address += number * 256 ** (3 - i); });
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function parseIPv6(text) {
  let source = text;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(source);
  if (tail) {
    const bytes = tail[2].split('.').map(Number);
    if (bytes.some((byte) => byte > 255)) return null;
    source = `${tail[1]}${(bytes[0] * 256 + bytes[1]).toString(16)}:${(bytes[2] * 256 + bytes[3]).toString(16)}`;
  }
  const halves = source.split('::');
  if (halves.length > 2) return null;
  const read = (half) => (half === '' ? [] : half.split(':'));
  const front = read(halves[0]);
  const back = halves.length === 2 ? read(halves[1]) : [];
  const missing = 8 - front.length - back.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const pieces = [...front, ...Array(halves.length === 2 ? missing : 0).fill('0'), ...back];
  if (pieces.some((piece) => !/^[0-9a-fA-F]{1,4}$/.test(piece))) return null;
  const numbers = pieces.map((piece) => parseInt(piece, 16));
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && numbers[i + length] === 0) length++;
    if (length > best.length) best = { start: i, length };
    i += length;
  }
  const hex = numbers.map((number) => number.toString(16));
  if (best.start < 0) return `[${hex.join(':')}]`;
  return `[${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}]`;
}

function parseHost(text, special) {
  if (text.startsWith('[')) return text.endsWith(']') ? parseIPv6(text.slice(1, -1)) : null;
  if (!special) return /[\u0000\t\n\r #/<>?@[\\\]^|]/.test(text) ? null : escape(text, 'opaque');
  let host = unescape(text).normalize('NFKC').toLowerCase();
  if (/[^\u0000-\u007f]/.test(host)) host = require('punycode').toASCII(host);
  if (host === '' || /[\u0000-\u0020"#%/:<>?@[\\\]^`{|}\u007f]/.test(host)) return null;
  const address = parseIPv4(host);
  return address === undefined ? host : address;
}

// Takes "." and ".." out of a path.
function cleanPath(path, special) {
  const parts = (special ? path.replaceAll('\\', '/') : path).split('/');
  const out = [];
  parts.forEach((part, i) => {
    const isLast = i === parts.length - 1;
    const plain = part.replace(/%2e/gi, '.');
    if (plain === '..') {
      if (out.length > 0) out.pop();
      if (isLast) out.push('');
    } else if (plain === '.') {
      if (isLast) out.push('');
    } else {
      out.push(escape(part, 'path'));
    }
  });
  return '/' + out.join('/');
}

function parse(input, base) {
  let text = input.replace(/^[\u0000-\u0020]+|[\u0000-\u0020]+$/g, '').replace(/[\t\n\r]/g, '');
  const url = { protocol: '', username: '', password: '', host: null, port: '', path: '', opaque: false, query: null, fragment: null };
  const hash = text.indexOf('#');
  if (hash >= 0) {
    url.fragment = escape(text.slice(hash + 1), 'fragment');
    text = text.slice(0, hash);
  }
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text);
  let rest = text;
  if (scheme) {
    url.protocol = scheme[1].toLowerCase() + ':';
    rest = text.slice(scheme[0].length);
    const special = isSpecial(url.protocol);
    const slashed = special ? /^[/\\]{2}/.test(rest) : rest.startsWith('//');
    if (special && !slashed && url.protocol !== 'file:') {
      if (base && base.protocol === url.protocol) return parseRelative(url, rest, base);
      rest = '//' + rest.replace(/^[/\\]*/, '');
    } else if (url.protocol === 'file:' && !slashed) {
      if (base && base.protocol === 'file:') return parseRelative(url, rest, base);
      url.host = '';
      return parsePath(url, rest);
    } else if (!special && !slashed) {
      if (rest.startsWith('/')) return parsePath(url, rest);
      const question = rest.indexOf('?');
      url.opaque = true;
      url.path = escape(question < 0 ? rest : rest.slice(0, question), 'opaque');
      if (question >= 0) url.query = escape(rest.slice(question + 1), 'query');
      return url;
    }
    return parseAuthority(url, rest.slice(2));
  }
  if (!base) return null;
  if (base.opaque) {
    if (rest !== '' || url.fragment === null) return null;
    return { ...base, fragment: url.fragment };
  }
  url.protocol = base.protocol;
  return parseRelative(url, rest, base);
}

function parseRelative(url, rest, base) {
  const special = isSpecial(url.protocol);
  const path = special ? rest.replace(/^[^?]*/, (part) => part.replaceAll('\\', '/')) : rest;
  if (path.startsWith('//')) return parseAuthority(url, path.slice(2));
  Object.assign(url, { username: base.username, password: base.password, host: base.host, port: base.port });
  if (path.startsWith('/')) return parsePath(url, path);
  if (path === '') return Object.assign(url, { path: base.path, query: base.query });
  if (path.startsWith('?')) {
    url.path = base.path;
    url.query = escape(path.slice(1), special ? 'specialQuery' : 'query');
    return url;
  }
  return parsePath(url, base.path.slice(0, base.path.lastIndexOf('/') + 1) + path);
}

function parseAuthority(url, rest) {
  const special = isSpecial(url.protocol);
  if (special && url.protocol !== 'file:') rest = rest.replace(/^[/\\]+/, '');
  const end = rest.search(special ? /[/\\?]/ : /[/?]/);
  let authority = end < 0 ? rest : rest.slice(0, end);
  const path = end < 0 ? '' : rest.slice(end);
  const at = authority.lastIndexOf('@');
  if (at >= 0) {
    const credentials = authority.slice(0, at);
    const colon = credentials.indexOf(':');
    url.username = escape(colon < 0 ? credentials : credentials.slice(0, colon), 'userinfo');
    url.password = colon < 0 ? '' : escape(credentials.slice(colon + 1), 'userinfo');
    authority = authority.slice(at + 1);
    if (authority === '') return null;
  }
  const port = /:(\d*)$/.exec(authority);
  let host = authority;
  if (port && !authority.endsWith(']')) {
    host = authority.slice(0, port.index);
    if (port[1] !== '') {
      if (+port[1] > 65535) return null;
      url.port = String(+port[1]) === PORTS[url.protocol] ? '' : String(+port[1]);
    }
  } else if (!authority.startsWith('[') && authority.includes(':')) {
    return null;
  }
  if (host === '') {
    if (special && url.protocol !== 'file:') return null;
    url.host = '';
  } else {
    url.host = parseHost(host, special);
    if (url.host === null) return null;
    if (url.protocol === 'file:' && url.host === 'localhost') url.host = '';
  }
  return parsePath(url, path);
}

function parsePath(url, rest) {
  const special = isSpecial(url.protocol);
  const question = rest.indexOf('?');
  const path = question < 0 ? rest : rest.slice(0, question);
  if (question >= 0) url.query = escape(rest.slice(question + 1), special ? 'specialQuery' : 'query');
  url.path = path === '' ? (special ? '/' : '') : cleanPath(path.replace(/^[/\\]/, (slash) => (special || slash === '/' ? '' : slash)), special);
  return url;
}

function serialize(url) {
  let text = url.protocol;
  if (url.host !== null) {
    text += '//';
    if (url.username !== '' || url.password !== '') text += url.username + (url.password === '' ? '' : ':' + url.password) + '@';
    text += url.host + (url.port === '' ? '' : ':' + url.port);
  } else if (!url.opaque && url.path.startsWith('//')) {
    text += '/.';
  }
  text += url.path;
  if (url.query !== null) text += '?' + url.query;
  if (url.fragment !== null) text += '#' + url.fragment;
  return text;
}

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
