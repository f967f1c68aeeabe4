'use strict';

module.exports = require('internal/refused_module')('cluster', ['fork', 'setupPrimary', 'setupMaster'],
  'a guest starts no processes; set deploy.replicas in the manifest', { isMaster: true, isPrimary: true, isWorker: false, workers: {}, settings: {}, SCHED_NONE: 1, SCHED_RR: 2 });
