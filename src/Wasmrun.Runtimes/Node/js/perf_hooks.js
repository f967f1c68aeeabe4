'use strict';

const { host } = internal;

const marks = [];

Object.assign(globalThis.performance, {
  mark(name, options = {}) {
    const entry = { name, entryType: 'mark', startTime: options.startTime === undefined ? host.now() : options.startTime, duration: 0, detail: options.detail || null };
    marks.push(entry);
    return entry;
  },
  measure(name, start, end) {
    const at = (mark, fallback) => { const found = marks.findLast((each) => each.name === mark); return found ? found.startTime : fallback; };
    const startTime = at(start, 0);
    const entry = { name, entryType: 'measure', startTime, duration: at(end, host.now()) - startTime, detail: null };
    marks.push(entry);
    return entry;
  },
  clearMarks() { marks.length = 0; },
  clearMeasures() {},
  getEntries: () => [...marks],
  getEntriesByName: (name) => marks.filter((each) => each.name === name),
  getEntriesByType: (type) => marks.filter((each) => each.entryType === type),
  eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
  timerify: (work) => work,
  nodeTiming: { startTime: 0, bootstrapComplete: 0 },
});

class PerformanceObserver {
  static supportedEntryTypes = [];
  observe() {}
  disconnect() {}
  takeRecords() { return []; }
}

module.exports = {
  performance: globalThis.performance, PerformanceObserver, constants: {},
  ...require('internal/refused_module')('perf_hooks', ['monitorEventLoopDelay', 'createHistogram'], 'there are no histograms'),
};
