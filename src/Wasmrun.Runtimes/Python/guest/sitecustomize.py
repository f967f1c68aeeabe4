"""Prepares the interpreter for the sandbox; Python imports this module before everything else."""
import os
import sys

import wasmrun_wait

if os.path.isdir('/.wasmrun/library'):
    # The same library as an archive takes long to look through, and would be for every module that is nowhere.
    sys.path[:] = [place for place in sys.path if not place.endswith('.zip')]

wasmrun_wait.install()

import wasmrun_threads

wasmrun_threads.install()

import wasmrun_blocking
import wasmrun_descriptors
import wasmrun_hashes
import wasmrun_imports
import wasmrun_names
import wasmrun_servers
import wasmrun_signal
import wasmrun_socket
import wasmrun_system
import wasmrun_werkzeug

wasmrun_system.install()
wasmrun_descriptors.install()
wasmrun_socket.install()
wasmrun_names.install()
wasmrun_signal.install()
for part in (wasmrun_blocking, wasmrun_hashes, wasmrun_servers, wasmrun_signal, wasmrun_threads, wasmrun_werkzeug):
    wasmrun_imports.patches.update(part.PATCHES)
wasmrun_imports.install()

if 'WASMRUN_IMAGE' not in os.environ:
    # Not before everything is there: an exception in here would be the interpreter's end.
    wasmrun_wait.listen_for_signals()
