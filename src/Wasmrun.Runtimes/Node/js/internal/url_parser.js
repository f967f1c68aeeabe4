// Reads and writes URLs after the WHATWG's standard; names outside ASCII are taken in their "xn--" form only.
'use strict';

const { coded } = require('internal/errors');

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

module.exports = { PORTS, isSpecial, percent, escape, unescape, invalid, parse, parseHost, cleanPath, serialize };
