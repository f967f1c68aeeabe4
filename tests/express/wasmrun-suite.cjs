// Runs the mocha suite of the project that it lies in, as Express's package.json does, and prints how many tests passed.
'use strict';

const fs = require('fs');
const path = require('path');
require(path.resolve('test/support/env'));
const Mocha = require(path.resolve('node_modules/mocha'));

function report(runner) {
  const counts = { passed: 0, failed: 0, pending: 0 };
  runner.on('pass', () => counts.passed++);
  runner.on('pending', () => counts.pending++);
  runner.on('fail', (test, error) => {
    counts.failed++;
    console.log(`failed: ${test.fullTitle()}: ${String(error && error.message).split('\n')[0]}`);
  });
  runner.on('end', () => console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.pending} pending`));
}

const mocha = new Mocha({ checkLeaks: true, reporter: report, timeout: 10000 });
for (const folder of ['test', 'test/acceptance']) {
  for (const file of fs.readdirSync(folder).sort()) {
    if (file.endsWith('.js')) mocha.addFile(path.resolve(folder, file));
  }
}
mocha.run((failures) => { process.exitCode = failures > 0 ? 1 : 0; setImmediate(() => process.exit()); });
