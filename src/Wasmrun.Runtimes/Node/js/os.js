'use strict';

const { host, settings } = internal;
const { SIGNALS } = require('internal/process');

const errno = {
  EPERM: 1, ENOENT: 2, EINTR: 4, EIO: 5, EBADF: 9, EAGAIN: 11, ENOMEM: 12, EACCES: 13, EBUSY: 16, EEXIST: 17, EXDEV: 18, ENOTDIR: 20, EISDIR: 21,
  EINVAL: 22, ENFILE: 23, EMFILE: 24, EFBIG: 27, ENOSPC: 28, ESPIPE: 29, EROFS: 30, EPIPE: 32, ENAMETOOLONG: 36, ENOSYS: 38, ENOTEMPTY: 39,
  ELOOP: 40, EPROTO: 71, ENOTSOCK: 88, EADDRINUSE: 98, EADDRNOTAVAIL: 99, ENETDOWN: 100, ENETUNREACH: 101, ECONNABORTED: 103, ECONNRESET: 104,
  ENOBUFS: 105, EISCONN: 106, ENOTCONN: 107, ETIMEDOUT: 110, ECONNREFUSED: 111, EHOSTUNREACH: 113, EALREADY: 114, EINPROGRESS: 115,
};

module.exports = {
  EOL: '\n', devNull: '/dev/null', constants: { signals: SIGNALS, errno, priority: {}, UV_UDP_REUSEADDR: 4 },
  arch: () => 'wasm32', platform: () => 'linux', type: () => 'Linux', machine: () => 'wasm32', release: () => '0.0.0', version: () => 'wasmrun',
  hostname: () => host.hostName(), homedir: () => '/', tmpdir: () => '/tmp', endianness: () => 'LE', uptime: () => host.now() / 1e3, loadavg: () => [0, 0, 0],
  totalmem: () => settings.memoryLimit, freemem: () => settings.memoryLimit - host.memory(), availableParallelism: () => 1,
  cpus: () => [{ model: 'WebAssembly', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }], networkInterfaces: () => ({}),
  getPriority: () => 0, setPriority() {},
  userInfo: () => ({ uid: 0, gid: 0, username: 'root', homedir: '/', shell: null }),
};
