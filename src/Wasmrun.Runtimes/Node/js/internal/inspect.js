// util.inspect and util.format: how values are shown.
'use strict';

const { host } = internal;

const CUSTOM = Symbol.for('nodejs.util.inspect.custom');
const DEFAULTS = {
  showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100, maxStringLength: 10000,
  breakLength: 80, compact: 3, sorted: false, getters: false, numericSeparator: false,
};
const COLORS = {
  bold: [1, 22], italic: [3, 23], underline: [4, 24], inverse: [7, 27], white: [37, 39], grey: [90, 39], gray: [90, 39], black: [30, 39],
  blue: [34, 39], cyan: [36, 39], green: [32, 39], magenta: [35, 39], red: [31, 39], yellow: [33, 39], dim: [2, 22], reset: [0, 0],
  hidden: [8, 28], strikethrough: [9, 29], bgRed: [41, 49], bgGreen: [42, 49], bgYellow: [43, 49], bgBlue: [44, 49], bgWhite: [47, 49],
  bgBlack: [40, 49], bgMagenta: [45, 49], bgCyan: [46, 49], redBright: [91, 39], greenBright: [92, 39], yellowBright: [93, 39],
  blueBright: [94, 39], magentaBright: [95, 39], cyanBright: [96, 39], whiteBright: [97, 39],
};
const STYLES = {
  special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold', string: 'green', symbol: 'green',
  date: 'magenta', regexp: 'red', module: 'underline',
};

function inspect(value, options, ...rest) {
  const context = { ...DEFAULTS, ...inspect.defaultOptions, seen: [], level: 0, circular: undefined };
  if (typeof options === 'boolean') {
    context.showHidden = options;
    if (rest[0] !== undefined) context.depth = rest[0];
    if (rest[1] !== undefined) context.colors = rest[1];
  } else if (options) {
    Object.assign(context, options);
  }
  context.seen ||= [];
  if (context.depth === null) context.depth = Infinity;
  if (context.maxArrayLength === null) context.maxArrayLength = Infinity;
  if (context.maxStringLength === null) context.maxStringLength = Infinity;
  context.style = context.colors
    ? (text, kind) => (STYLES[kind] ? `\u001b[${COLORS[STYLES[kind]][0]}m${text}\u001b[${COLORS[STYLES[kind]][1]}m` : text)
    : (text) => text;
  return show(context, value, true);
}

inspect.custom = CUSTOM;
inspect.defaultOptions = {};
inspect.colors = COLORS;
inspect.styles = STYLES;

function quote(text) {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes('`') && !text.includes('${')) mark = '`';
  }
  const escaped = text.replace(/[\u0000-\u001f\u007f-\u009f\\]/g, (letter) => {
    switch (letter) {
      case '\n': return '\\n';
      case '\t': return '\\t';
      case '\r': return '\\r';
      case '\b': return '\\b';
      case '\f': return '\\f';
      case '\v': return '\\v';
      case '\\': return '\\\\';
      default: return '\\x' + letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
    }
  });
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

function primitive(context, value) {
  switch (typeof value) {
    case 'string': {
      let text = value;
      let more = '';
      if (text.length > context.maxStringLength) {
        const left = text.length - context.maxStringLength;
        text = text.slice(0, context.maxStringLength);
        more = `... ${left} more character${left > 1 ? 's' : ''}`;
      }
      return context.style(quote(text), 'string') + more;
    }
    case 'number': return context.style(Object.is(value, -0) ? '-0' : String(value), 'number');
    case 'bigint': return context.style(`${value}n`, 'bigint');
    case 'boolean': return context.style(String(value), 'boolean');
    case 'symbol': return context.style(value.toString(), 'symbol');
    case 'undefined': return context.style('undefined', 'undefined');
    default: return context.style('null', 'null');
  }
}

function show(context, value, isTop) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return primitive(context, value);
  if (context.customInspect) {
    const custom = value[CUSTOM];
    if (typeof custom === 'function' && custom !== inspect) {
      const depth = context.depth - context.level;
      const result = custom.call(value, depth, { ...context, stylize: context.style, seen: undefined, depth }, inspect);
      if (result !== value) return typeof result === 'string' ? result.replaceAll('\n', '\n' + ' '.repeat(context.indentation || 0)) : show(context, result);
    }
  }
  if (context.seen.includes(value)) {
    context.circular ||= new Map();
    if (!context.circular.has(value)) context.circular.set(value, context.circular.size + 1);
    return context.style(`[Circular *${context.circular.get(value)}]`, 'special');
  }
  return object(context, value);
}

function constructorName(value) {
  for (let at = value, first = true; at !== null; at = Object.getPrototypeOf(at), first = false) {
    const descriptor = Object.getOwnPropertyDescriptor(at, 'constructor');
    if (descriptor !== undefined && typeof descriptor.value === 'function' && descriptor.value.name !== '' && value instanceof descriptor.value) {
      return descriptor.value.name;
    }
  }
  return null;
}

function tagOf(value, name) {
  let tag;
  try {
    tag = value[Symbol.toStringTag];
  } catch {
    return '';
  }
  return typeof tag === 'string' && tag !== '' && tag !== name ? ` [${tag}]` : '';
}

function head(value, fallback, size) {
  const name = constructorName(value);
  const shown = name === null ? `[${fallback}${size === undefined ? '' : `(${size})`}: null prototype]` : size === undefined ? name : `${name}(${size})`;
  return `${shown}${tagOf(value, name)} `;
}

function keysOf(context, value) {
  const keys = context.showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value);
  const symbols = Object.getOwnPropertySymbols(value);
  return keys.concat(context.showHidden ? symbols : symbols.filter((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol)));
}

function object(context, value) {
  let keys = keysOf(context, value);
  let prefix = '';
  let braces = ['{', '}'];
  let entries = null;
  let isList = false;
  if (Array.isArray(value)) {
    keys = keys.filter((key) => typeof key === 'symbol' || !/^(0|[1-9]\d*)$/.test(key));
    const name = constructorName(value);
    prefix = name === 'Array' && !tagOf(value, name) ? '' : head(value, 'Array', value.length);
    braces = ['[', ']'];
    if (value.length === 0 && keys.length === 0) return prefix + '[]';
    entries = () => array(context, value);
    isList = true;
  } else if (value instanceof Set) {
    prefix = head(value, 'Set', value.size);
    if (value.size === 0 && keys.length === 0) return prefix + '{}';
    entries = () => [...Set.prototype.values.call(value)].map((each) => nested(context, each));
  } else if (value instanceof Map) {
    prefix = head(value, 'Map', value.size);
    if (value.size === 0 && keys.length === 0) return prefix + '{}';
    entries = () => [...Map.prototype.entries.call(value)].map(([key, each]) => `${nested(context, key)} => ${nested(context, each)}`);
  } else if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    keys = keys.filter((key) => typeof key === 'symbol' || !/^(0|[1-9]\d*)$/.test(key));
    prefix = head(value, 'TypedArray', value.length);
    braces = ['[', ']'];
    if (value.length === 0 && keys.length === 0) return prefix + '[]';
    entries = () => array(context, value);
    isList = true;
  } else if (typeof value === 'function') {
    const base = functionHead(value);
    if (keys.length === 0) return context.style(base, 'special');
    prefix = base + ' ';
  } else if (isArguments(value)) {
    prefix = '[Arguments] ';
    braces = ['[', ']'];
    keys = keys.filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key));
    entries = () => array(context, Array.from(value));
    isList = true;
  } else if (value instanceof RegExp) {
    const base = RegExp.prototype.toString.call(value);
    if (keys.length === 0) return context.style(base, 'regexp');
    prefix = base + ' ';
  } else if (value instanceof Date) {
    const base = Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (keys.length === 0) return context.style(base, 'date');
    prefix = base + ' ';
  } else if (value instanceof Error) {
    const base = errorText(value, keys, context);
    if ('cause' in value && Object.hasOwn(value, 'cause') && !keys.includes('cause')) keys.push('cause');
    if (value instanceof AggregateError && !keys.includes('errors')) keys.push('errors');
    if (keys.length === 0) return base;
    prefix = base + ' ';
  } else if (value instanceof ArrayBuffer) {
    prefix = head(value, 'ArrayBuffer');
    const bytes = host.decode(new Uint8Array(value, 0, Math.min(50, value.byteLength)), 3).replace(/..(?=.)/g, '$& ');
    entries = () => [`[Uint8Contents]: <${bytes}${value.byteLength > 50 ? ` ... ${value.byteLength - 50} more bytes` : ''}>`, `byteLength: ${nested(context, value.byteLength)}`];
  } else if (value instanceof Promise) {
    prefix = head(value, 'Promise');
    entries = () => {
      const state = host.promiseState(value);
      if (state === 0) return [context.style('<pending>', 'special')];
      const result = nested(context, host.promiseResult(value));
      return [state === 1 ? result : `${context.style('<rejected>', 'special')} ${result}`];
    };
  } else if (value instanceof WeakSet || value instanceof WeakMap) {
    return `${head(value, 'Weak')}{ ${context.style('<items unknown>', 'special')} }`;
  } else if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof Symbol || value instanceof BigInt) {
    const name = constructorName(value) || 'Object';
    if (value instanceof String) keys = keys.filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key));
    const base = `[${name}: ${primitive({ ...context, style: (text) => text }, value.valueOf())}]`;
    if (keys.length === 0) return context.style(base, 'string');
    prefix = base + ' ';
  } else {
    const name = constructorName(value);
    prefix = name === 'Object' && !tagOf(value, name) ? '' : head(value, 'Object');
    if (keys.length === 0) return prefix + '{}';
  }
  if (context.level > context.depth) {
    return context.style(isList ? '[Array]' : `[${constructorName(value) || 'Object: null prototype'}]`, 'special');
  }
  context.seen.push(value);
  context.level++;
  context.indentation = (context.indentation || 0) + 2;
  let output;
  try {
    output = entries === null ? [] : entries();
    if (context.sorted) keys.sort(typeof context.sorted === 'function' ? context.sorted : undefined);
    for (const key of keys) output.push(property(context, value, key, isList));
  } finally {
    context.seen.pop();
    context.level--;
    context.indentation -= 2;
  }
  if (context.circular !== undefined && context.circular.has(value)) {
    prefix = `${context.style(`<ref *${context.circular.get(value)}>`, 'special')} ${prefix}`;
  }
  return layOut(context, output, prefix, braces, isList, value);
}

function isArguments(value) {
  return Object.prototype.toString.call(value) === '[object Arguments]';
}

function functionHead(value) {
  const source = Function.prototype.toString.call(value);
  if (source.startsWith('class') && source.endsWith('}')) {
    const parent = Object.getPrototypeOf(value);
    return `[class ${value.name || '(anonymous)'}${parent && parent.name ? ` extends ${parent.name}` : ''}]`;
  }
  const kind = Object.getPrototypeOf(value) && Object.getPrototypeOf(value)[Symbol.toStringTag] || 'Function';
  return `[${kind}${value.name === '' ? ' (anonymous)' : `: ${value.name}`}]`;
}

function errorText(error, keys, context) {
  let stack = typeof error.stack === 'string' && error.stack !== '' ? error.stack : Error.prototype.toString.call(error);
  for (const name of ['name', 'message', 'stack']) {
    const index = keys.indexOf(name);
    if (index >= 0 && (name === 'stack' || stack.includes(error[name]))) keys.splice(index, 1);
  }
  if (error.name && error.message && stack.startsWith('    at')) stack = `${error.name}: ${error.message}\n${stack}`;
  if (!stack.includes('\n    at')) stack = `[${stack}]`;
  return context.indentation ? stack.replaceAll('\n', '\n' + ' '.repeat(context.indentation)) : stack;
}

function array(context, value) {
  const output = [];
  const count = Math.min(value.length, context.maxArrayLength);
  for (let i = 0; i < count; i++) {
    if (!Object.hasOwn(value, i)) {
      let end = i;
      while (end + 1 < value.length && !Object.hasOwn(value, end + 1)) end++;
      output.push(context.style(`<${end - i + 1} empty item${end > i ? 's' : ''}>`, 'undefined'));
      i = end;
    } else {
      output.push(nested(context, value[i]));
    }
  }
  const left = value.length - count;
  if (left > 0) output.push(`... ${left} more item${left > 1 ? 's' : ''}`);
  return output;
}

function nested(context, value) {
  return show(context, value, false);
}

function property(context, value, key, isList) {
  const descriptor = Object.getOwnPropertyDescriptor(value, key) || { value: value[key], enumerable: true };
  let shown;
  if ('value' in descriptor) shown = nested(context, descriptor.value);
  else if (descriptor.get !== undefined) {
    shown = context.style(descriptor.set !== undefined ? '[Getter/Setter]' : '[Getter]', 'special');
  } else {
    shown = context.style(descriptor.set !== undefined ? '[Setter]' : 'undefined', 'special');
  }
  let name = typeof key === 'symbol' ? `[${context.style(key.toString(), 'symbol')}]`
    : /^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key) ? key : context.style(quote(key), 'string');
  if (!descriptor.enumerable) name = `[${key.toString()}]`;
  return `${name}: ${shown}`;
}

function widthOf(text) {
  return text.replace(/\u001b\[[0-9;]*m/g, '').length;
}

function layOut(context, output, prefix, braces, isList, value) {
  const indentation = ' '.repeat(context.indentation || 0);
  let lines = output;
  if (isList && output.length > 6 && context.compact >= 1) lines = columns(context, output, value);
  const start = output.length + (context.indentation || 0) + braces[0].length + prefix.length + 10;
  const isFlat = !output.some((each) => each.includes('\n')) && !prefix.includes('\n');
  const isShort = output.length === lines.length && depthOf(output) < context.compact
    && output.reduce((sum, each) => sum + widthOf(each), output.length + start) <= context.breakLength;
  if (isFlat && (isShort || context.breakLength === Infinity)) return `${prefix}${braces[0]} ${output.join(', ')} ${braces[1]}`;
  return `${prefix}${braces[0]}\n${indentation}  ${lines.join(`,\n${indentation}  `)}\n${indentation}${braces[1]}`;
}

// How many objects are nested in what was shown, told by its brackets.
function depthOf(output) {
  let deepest = 0;
  for (const text of output) {
    let depth = 0;
    for (const letter of text) {
      if (letter === '{' || letter === '[') deepest = Math.max(deepest, ++depth);
      else if (letter === '}' || letter === ']') depth--;
    }
  }
  return deepest;
}

// Many short entries side by side.
function columns(context, output, value) {
  let total = 0;
  let longest = 0;
  const more = output.length > 0 && output[output.length - 1].startsWith('... ') ? 1 : 0;
  const count = output.length - more;
  const widths = [];
  for (let i = 0; i < count; i++) {
    widths[i] = widthOf(output[i]);
    total += widths[i] + 2;
    longest = Math.max(longest, widths[i]);
  }
  const actual = longest + 2;
  if (actual * 3 + context.indentation >= context.breakLength || (total / actual <= 5 && longest > 6)) return output;
  const average = Math.sqrt(actual - total / output.length);
  const bias = Math.max(average - 3 - output.length > 0 ? 1 : 1, Math.max(actual - 3, 1));
  const number = Math.min(Math.round(Math.sqrt(2.5 * bias * count) / bias), Math.floor((80 - context.indentation) / actual), context.compact * 4, 15);
  if (number <= 1) return output;
  const widest = [];
  for (let column = 0; column < number; column++) {
    let width = 0;
    for (let i = column; i < count; i += number) width = Math.max(width, widths[i]);
    widest.push(width + 2);
  }
  const right = Array.from(value).slice(0, count).every((each) => typeof each === 'number' || typeof each === 'bigint');
  const rows = [];
  for (let i = 0; i < count; i += number) {
    const end = Math.min(i + number, count);
    let row = '';
    for (let j = i; j < end; j++) {
      const last = j === end - 1;
      const text = output[j] + (last ? '' : ', ');
      const pad = ' '.repeat(Math.max(0, widest[j - i] - widths[j] - 2));
      row += right ? pad + text : last ? text : text + pad;
    }
    rows.push(row);
  }
  if (more) rows.push(output[count]);
  return rows;
}

module.exports = { inspect };
