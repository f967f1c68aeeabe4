'use strict';

const { URL, URLSearchParams } = require('internal/url');
const querystring = require('querystring');
const { coded, invalidArgType } = require('internal/errors');

const SLASHED = new Set(['http:', 'https:', 'ftp:', 'gopher:', 'file:', 'ws:', 'wss:']);

function Url() {
  // Frameworks make one for each request, and a loop would take three times as long. The last one is made first.
  this.href = this.path = this.pathname = this.query = this.search = this.hash
    = this.hostname = this.port = this.host = this.auth = this.slashes = this.protocol = null;
}

// The older way to take an address apart, which forgives more.
function parse(address, parsesQuery, slashesDenoteHost) {
  if (address instanceof Url) return address;
  if (typeof address !== 'string') throw invalidArgType('url', 'string', address);
  const result = new Url();
  let rest = address.trim();
  const question = rest.search(/[?#]/);
  rest = (question < 0 ? rest : rest.slice(0, question)).replaceAll('\\', '/') + (question < 0 ? '' : rest.slice(question));
  const hash = rest.indexOf('#');
  if (hash >= 0) {
    result.hash = rest.slice(hash);
    rest = rest.slice(0, hash);
  }
  const query = rest.indexOf('?');
  if (query >= 0) {
    result.search = rest.slice(query);
    result.query = parsesQuery ? querystring.parse(result.search.slice(1)) : result.search.slice(1);
    rest = rest.slice(0, query);
  } else if (parsesQuery) {
    result.search = null;
    result.query = Object.create(null);
  }
  const scheme = /^([a-z0-9.+-]+:)/i.exec(rest);
  if (scheme) {
    result.protocol = scheme[1].toLowerCase();
    rest = rest.slice(scheme[1].length);
  }
  if (rest.startsWith('//') && (scheme || slashesDenoteHost || /^\/\/[^@/]+@[^@/]+/.test(rest)) && result.protocol !== 'javascript:') {
    result.slashes = true;
    rest = rest.slice(2);
    // A letter that no host has ends it, whatever follows: "http://good'.bad/" is at good.
    const slash = rest.search(/[/\\]/);
    const begin = rest.lastIndexOf('@', slash < 0 ? rest.length : slash) + 1;
    const stop = rest.slice(begin).search(/[\t\n\r "%'/;<>\\^`{|}]/);
    const end = stop < 0 ? -1 : begin + stop;
    let authority = end < 0 ? rest : rest.slice(0, end);
    rest = end < 0 ? '' : rest.slice(end);
    const at = authority.lastIndexOf('@');
    if (at >= 0) {
      result.auth = decodeURIComponent(authority.slice(0, at));
      authority = authority.slice(at + 1);
    }
    const port = /:(\d*)$/.exec(authority);
    if (port) {
      if (port[1] !== '') result.port = port[1];
      authority = authority.slice(0, port.index);
    }
    result.hostname = authority.toLowerCase().replace(/^\[(.*)\]$/, '$1');
    if (/[^\u0000-\u007f]/.test(result.hostname)) result.hostname = require('punycode').toASCII(result.hostname);
    result.host = (authority.startsWith('[') ? `[${result.hostname}]` : result.hostname) + (result.port ? ':' + result.port : '');
    if (/[\u0000-\u0020"<>^`{|}]/.test(result.hostname)) throw coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
  }
  if (rest !== '') result.pathname = rest.replace(/[\t\n\r "'<>\\^`{|}]/g, (letter) => encodeURIComponent(letter).replace("'", '%27'));
  if (result.pathname === null && result.host && SLASHED.has(result.protocol)) result.pathname = '/';
  if (result.pathname !== null || result.search !== null) result.path = (result.pathname || '') + (result.search || '');
  result.href = format(result);
  return result;
}

function format(value, options) {
  if (typeof value === 'string') value = parse(value);
  if (value instanceof URL) {
    const copy = new URL(value.href);
    if (options && options.auth === false) copy.username = copy.password = '';
    if (options && options.fragment === false) copy.hash = '';
    if (options && options.search === false) copy.search = '';
    return copy.href;
  }
  if (value === null || typeof value !== 'object') throw invalidArgType('urlObject', ['Object', 'string'], value);
  let { protocol = '', pathname = '', hash = '', search, auth = '', host } = value;
  protocol = protocol || '';
  pathname = pathname || '';
  hash = hash || '';
  if (protocol && !protocol.endsWith(':')) protocol += ':';
  auth = auth ? encodeURIComponent(auth).replaceAll('%3A', ':') + '@' : '';
  if (host) host = auth + host;
  else if (value.hostname) host = auth + (value.hostname.includes(':') ? `[${value.hostname}]` : value.hostname) + (value.port ? ':' + value.port : '');
  if (!search && value.query !== null && typeof value.query === 'object') search = querystring.stringify(value.query);
  search = search || '';
  if (search && !search.startsWith('?')) search = '?' + search;
  if (hash && !hash.startsWith('#')) hash = '#' + hash;
  if (value.slashes || ((!protocol || SLASHED.has(protocol)) && host !== undefined && host !== null)) {
    host = '//' + (host || '');
    if (pathname && !pathname.startsWith('/')) pathname = '/' + pathname;
  } else if (!host) {
    host = '';
  }
  return protocol + host + pathname.replace(/[?#]/g, encodeURIComponent) + search.replaceAll('#', '%23') + hash;
}

function resolve(from, to) {
  const base = new URL(to, new URL(from, 'resolve://'));
  if (base.protocol !== 'resolve:') return base.toString();
  return base.pathname + base.search + base.hash;
}

Url.prototype.parse = function (address) { Object.assign(this, parse(address)); };
Url.prototype.format = function () { return format(this); };

function fileURLToPath(value) {
  const url = typeof value === 'string' ? new URL(value) : value;
  if (!(url instanceof URL)) throw invalidArgType('path', ['string', 'URL'], value);
  if (url.protocol !== 'file:') throw coded(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
  if (/%2f/i.test(url.pathname)) throw coded(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded / characters');
  return decodeURIComponent(url.pathname);
}

function pathToFileURL(path) {
  let resolved = require('path').resolve(path);
  if (path.endsWith('/') && !resolved.endsWith('/')) resolved += '/';
  return new URL('file://' + resolved.replaceAll('%', '%25').replaceAll('\\', '%5C').replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('\t', '%09').replaceAll('?', '%3F').replaceAll('#', '%23'));
}

module.exports = {
  URL, URLSearchParams, Url, parse, format, resolve, fileURLToPath, pathToFileURL,
  resolveObject: (from, to) => parse(resolve(from, to)),
  domainToASCII: (domain) => (URL.canParse(`http://${domain}`) ? new URL(`http://${domain}`).hostname : ''),
  domainToUnicode: (domain) => require('punycode').toUnicode(domain),
  urlToHttpOptions: (url) => ({
    protocol: url.protocol, hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'), hash: url.hash, search: url.search, pathname: url.pathname,
    path: `${url.pathname}${url.search}`, href: url.href, port: url.port === '' ? undefined : Number(url.port),
    auth: url.username || url.password ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` : undefined,
  }),
};
