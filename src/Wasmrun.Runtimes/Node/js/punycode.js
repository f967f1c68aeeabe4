'use strict';

// Punycode (RFC 3492), the form that names outside ASCII have in the domain name system.
const BASE = 36;
const MIN = 1;
const MAX = 26;

function adapt(delta, count, isFirst) {
  delta = isFirst ? Math.floor(delta / 700) : delta >> 1;
  delta += Math.floor(delta / count);
  let k = 0;
  for (; delta > ((BASE - MIN) * MAX) >> 1; k += BASE) delta = Math.floor(delta / (BASE - MIN));
  return k + Math.floor(((BASE - MIN + 1) * delta) / (delta + 38));
}

const digit = (value) => String.fromCharCode(value < 26 ? value + 97 : value + 22);
const threshold = (k, bias) => Math.min(MAX, Math.max(MIN, k - bias));

function encode(text) {
  const points = Array.from(text, (letter) => letter.codePointAt(0));
  const basic = points.filter((point) => point < 128);
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? '-' : '');
  let n = 128;
  let delta = 0;
  let bias = 72;
  for (let done = basic.length; done < points.length; delta++, n++) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (done + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += digit(t + ((q - t) % (BASE - t)));
        q = Math.floor((q - t) / (BASE - t));
      }
      output += digit(q);
      bias = adapt(delta, done + 1, done === basic.length);
      delta = 0;
      done++;
    }
  }
  return output;
}

function decode(text) {
  const dash = text.lastIndexOf('-');
  const output = Array.from(dash > 0 ? text.slice(0, dash) : '', (letter) => letter.codePointAt(0));
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let at = dash > 0 ? dash + 1 : 0; at < text.length;) {
    const start = i;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const value = parseInt(text[at++], 36);
      const number = Number.isNaN(value) ? NaN : value < 10 ? value + 26 : value - 10;
      if (Number.isNaN(number)) throw new RangeError('Invalid input');
      i += number * weight;
      const t = threshold(k, bias);
      if (number < t) break;
      weight *= BASE - t;
    }
    bias = adapt(i - start, output.length + 1, start === 0);
    n += Math.floor(i / (output.length + 1));
    i %= output.length + 1;
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

const labels = (text, change) => text.replace(/[\u3002\uff0e\uff61]/g, '.').split('.').map(change).join('.');

module.exports = {
  version: '2.1.0', encode, decode,
  toASCII: (text) => labels(text, (label) => (/[^\u0000-\u007f]/.test(label) ? 'xn--' + encode(label) : label)),
  toUnicode: (text) => labels(text, (label) => (label.startsWith('xn--') ? decode(label.slice(4).toLowerCase()) : label)),
  ucs2: { decode: (text) => Array.from(text, (letter) => letter.codePointAt(0)), encode: (points) => String.fromCodePoint(...points) },
};
