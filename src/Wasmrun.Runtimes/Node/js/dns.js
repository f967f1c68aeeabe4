'use strict';

const { host } = internal;
const { refused } = require('internal/errors');

function find(name, options) {
  const family = typeof options === 'number' ? options : Number(String((options && options.family) || 0).replace('IPv', ''));
  let addresses;
  try {
    addresses = host.netResolve(name).split(' ').map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  } catch (error) {
    error.syscall = 'getaddrinfo';
    error.hostname = name;
    throw error;
  }
  const wanted = addresses.filter((each) => family === 0 || each.family === family);
  if (wanted.length === 0) {
    const error = new Error(`getaddrinfo ENOTFOUND ${name}`);
    throw Object.assign(error, { code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo', hostname: name });
  }
  return options && options.all ? wanted : wanted[0];
}

const kinds = {
  lookup: find,
  resolve4: (name) => find(name, { family: 4, all: true }).map((each) => each.address),
  resolve6: (name) => find(name, { family: 6, all: true }).map((each) => each.address),
  resolve(name, kind = 'A') {
    if (kind === 'A') return kinds.resolve4(name);
    if (kind === 'AAAA') return kinds.resolve6(name);
    throw refused(`dns.resolve of ${kind} records`, 'names are resolved to addresses only');
  },
};

const dns = { promises: {}, ADDRCONFIG: 1024, V4MAPPED: 2048, ALL: 256, NOTFOUND: 'ENOTFOUND', getServers: () => [], setServers() {}, setDefaultResultOrder() {}, getDefaultResultOrder: () => 'ipv4first' };
for (const [name, work] of Object.entries(kinds)) {
  dns.promises[name] = async (...args) => work(...args);
  dns[name] = (...args) => {
    const callback = args.pop();
    let result;
    try {
      result = work(...args);
    } catch (error) {
      setImmediate(callback, error);
      return;
    }
    if (name === 'lookup' && !Array.isArray(result)) setImmediate(callback, null, result.address, result.family);
    else setImmediate(callback, null, result);
  };
}
for (const name of ['resolveMx', 'resolveTxt', 'resolveSrv', 'resolveNs', 'resolveCname', 'resolveAny', 'reverse', 'lookupService']) {
  dns[name] = dns.promises[name] = () => { throw refused(`dns.${name}`, 'names are resolved to addresses only'); };
}

module.exports = dns;
