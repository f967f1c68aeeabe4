'use strict';

const why = 'a guest has one thread; set deploy.replicas in the manifest';

module.exports = require('internal/refused_module')('worker_threads', ['Worker', 'moveMessagePortToContext', 'receiveMessageOnPort'], why, {
  isMainThread: true, parentPort: null, workerData: null, threadId: 0, resourceLimits: {}, SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
  markAsUntransferable() {}, getEnvironmentData() {}, setEnvironmentData() {},
  get MessageChannel() { return globalThis.MessageChannel; },
  get MessagePort() { return globalThis.MessagePort; },
  get BroadcastChannel() { return globalThis.BroadcastChannel; },
});
