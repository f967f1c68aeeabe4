"""Runs test modules of CPython in a guest, and prints one line of result for each."""
import sys
import sysconfig
import unittest

sys.path.insert(0, '/tests')

# The suite skips whatever needs sockets or threads on WASI, where there are usually none.
sysconfig.get_config_vars()
platform, sys.platform = sys.platform, 'linux'
from test import support
from test.support import os_helper, socket_helper, threading_helper

sys.platform = platform

for name in sys.argv[1:]:
    suite = unittest.defaultTestLoader.loadTestsFromName('test.' + name)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    print('== %s: %d passed, %d failed, %d skipped' % (name, result.testsRun - failed - skipped, failed, skipped))
