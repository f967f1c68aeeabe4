'use strict';

function unescapeText(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
  }
}

const escapeText = (text) => encodeURIComponent(String(text).toWellFormed()).replace(/[!'()*]/g, (letter) => letter);

function primitive(value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : '';
}

function parse(text, separator = '&', equals = '=', options = {}) {
  const result = Object.create(null);
  if (typeof text !== 'string' || text === '') return result;
  const decode = (options && options.decodeURIComponent) || module.exports.unescape;
  const most = options && typeof options.maxKeys === 'number' ? options.maxKeys : 1000;
  let parts = text.split(separator || '&');
  if (most > 0) parts = parts.slice(0, most);
  for (const part of parts) {
    if (part === '') continue;
    const plain = part.replaceAll('+', ' ');
    const at = plain.indexOf(equals || '=');
    const key = decode(at < 0 ? plain : plain.slice(0, at));
    const value = at < 0 ? '' : decode(plain.slice(at + (equals || '=').length));
    if (!(key in result)) result[key] = value;
    else if (Array.isArray(result[key])) result[key].push(value);
    else result[key] = [result[key], value];
  }
  return result;
}

function stringify(value, separator = '&', equals = '=', options = {}) {
  const encode = (options && options.encodeURIComponent) || module.exports.escape;
  if (value === null || typeof value !== 'object') return '';
  return Object.keys(value).flatMap((key) => [].concat(Array.isArray(value[key]) ? value[key] : [value[key]])
    .map((each) => encode(primitive(key)) + (equals || '=') + encode(primitive(each)))).join(separator || '&');
}

module.exports = { parse, stringify, decode: parse, encode: stringify, escape: escapeText, unescape: unescapeText, unescapeBuffer: (text) => Buffer.from(unescapeText(text)) };
