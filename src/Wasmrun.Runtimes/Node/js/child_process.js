'use strict';

module.exports = require('internal/refused_module')('child_process', ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync', 'ChildProcess'],
  'a guest starts no programs; run them as services of the stack');
