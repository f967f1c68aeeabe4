"""What the interpreter says of its system, where it would be wrong in a sandbox: ready-made descriptors, and the time of the process."""
import os
import time

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


def install():
    # The interpreter has descriptor numbers of its own, so those that the runner announces are others; and they may change while it runs.
    for name in ('LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_FDS_START'):
        os.environ.pop(name, None)
    begin_time()
    # As the functions in C that these replace, they must not become methods of a class that keeps them.
    time.process_time, time.process_time_ns, os.times = map(staticmethod, (_process_time, _process_time_ns, _times))
