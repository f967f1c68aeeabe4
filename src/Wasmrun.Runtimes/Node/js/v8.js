'use strict';

const { host, settings } = internal;

module.exports = require('internal/refused_module')('v8', ['serialize', 'deserialize', 'writeHeapSnapshot', 'getHeapSnapshot', 'takeCoverage', 'stopCoverage'],
  'the engine is QuickJS, not V8', {
    getHeapStatistics: () => ({ total_heap_size: host.memory(), used_heap_size: host.memory(), heap_size_limit: settings.memoryLimit, total_available_size: settings.memoryLimit - host.memory(), total_physical_size: host.memory() }),
    getHeapSpaceStatistics: () => [], setFlagsFromString() {}, cachedDataVersionTag: () => 0,
  });
