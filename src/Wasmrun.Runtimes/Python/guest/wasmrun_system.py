"""What the interpreter says of its system, where it would be wrong in a sandbox: descriptors, terminals, the host's name, and the time of the process."""
import os
import sys
import time

import wasmrun_device as device

_begin = 0


def begin_time():
    """Counts the time of the process from now on; it is time as it passes, because a guest does not learn how long it has computed."""
    global _begin
    _begin = time.monotonic_ns()


def _process_time_ns():
    return time.monotonic_ns() - _begin


def _process_time():
    return _process_time_ns() / 1e9


def _times():
    return os.times_result((_process_time(), 0.0, 0.0, 0.0, time.monotonic()))


_plain_isatty, _plain_uname = os.isatty, os.uname


def _isatty(fd):
    """Output goes to a log, though the runner calls it a terminal so that programs in C write it line by line."""
    return fd not in (1, 2) and _plain_isatty(fd)


def _uname():
    name = _plain_uname()
    return os.uname_result((name.sysname, device.read_text('/net/hostname'), name.release, name.version, name.machine))


def install():
    # The interpreter has descriptor numbers of its own, so those that the runner announces are others; and they may change while it runs.
    for name in ('LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_FDS_START'):
        os.environ.pop(name, None)
    begin_time()
    # As the functions in C that these replace, they must not become methods of a class that keeps them.
    time.process_time, time.process_time_ns = staticmethod(_process_time), staticmethod(_process_time_ns)
    os.times, os.isatty, os.uname = staticmethod(_times), staticmethod(_isatty), staticmethod(_uname)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.isatty = stream.buffer.isatty = lambda: False
