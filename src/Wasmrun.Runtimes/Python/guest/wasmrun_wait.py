"""The one place in which a program waits: for descriptors, for time, for other threads, and always for the signal to end."""
import errno
import os
import select
import time

READ, WRITE = select.POLLIN, select.POLLOUT

_poll = select.poll
_signals = -1
_now = time.monotonic

#: How often the runner has asked so far.
signalled = 0

#: Called when the runner asks the program to end; may raise.
terminate = None

#: Runs threads meanwhile, once there are any: see `wasmrun_threads`.
scheduler = None


def listen_for_signals():
    global _signals
    try:
        _signals = os.open('/net/signals', os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        _signals = -1


class Poll:
    """`select.poll`, whose waits also see signals and threads."""

    def __init__(self):
        self._poll = _poll()
        self._masks = {}
        if _signals >= 0:
            self._poll.register(_signals, READ)

    def register(self, fd, eventmask=READ | select.POLLPRI | WRITE):
        fd = number(fd)
        self._poll.register(fd, eventmask)
        self._masks[fd] = eventmask

    def modify(self, fd, eventmask):
        fd = number(fd)
        if fd not in self._masks:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        self._poll.modify(fd, eventmask)
        self._masks[fd] = eventmask

    def unregister(self, fd):
        fd = number(fd)
        del self._masks[fd]
        self._poll.unregister(fd)

    def poll(self, timeout=None):
        if timeout is not None and timeout < 0:
            timeout = None
        if scheduler is not None and scheduler.busy():
            return scheduler.wait(self._masks, None if timeout is None else timeout / 1000)
        if not self._masks and timeout is None and _signals < 0:
            raise RuntimeError('the program waits for ever: for no descriptor, and without a time-out')
        return heed(self._poll.poll(timeout))


def number(file):
    return file if isinstance(file, int) else file.fileno()


def heed(found):
    """What was found but for the signal, which is delivered."""
    if _signals >= 0:
        for event in found:
            if event[0] == _signals:
                found.remove(event)
                deliver()
                break
    return found


def deliver(frame=None):
    """Takes the signal, if it has come. The frame is the one that was interrupted, None for the caller's."""
    global signalled
    try:
        asked = os.read(_signals, 64)
    except BlockingIOError:
        return
    if asked and terminate is not None:
        signalled += 1
        terminate(frame)


def wait(masks, seconds=None):
    """Waits for one of the descriptors in a dictionary of events; fewer may be returned than are there, or none after a signal."""
    if scheduler is not None and scheduler.busy():
        return scheduler.wait(masks, seconds)
    return poll_once(masks, seconds)


def poll_once(masks, seconds):
    poll = _poll()
    for fd, mask in masks.items():
        poll.register(fd, mask)
    if _signals >= 0:
        poll.register(_signals, READ)
    return heed(poll.poll(None if seconds is None else max(0, -int(-seconds * 1000 // 1))))


def wait_for(fd, mask, deadline):
    """Waits for one descriptor; false when the time is over, which is a moment of `now` or None."""
    masks = {fd: mask}
    while True:
        rest = None if deadline is None else deadline - _now()
        if rest is not None and rest < 0:
            rest = 0
        if wait(masks, rest):
            return True
        if rest == 0:
            return False


def deadline_of(seconds):
    return None if seconds is None else _now() + seconds


def sleep(seconds):
    if seconds < 0:
        raise ValueError('sleep length must be non-negative')
    deadline = _now() + seconds
    while True:
        wait({}, max(0, deadline - _now()))
        if _now() >= deadline:
            return


def select_(rlist, wlist, xlist, timeout=None):
    masks = {}
    for files, mask in ((rlist, READ), (wlist, WRITE)):
        for file in files:
            fd = number(file)
            if fd < 0:
                raise ValueError('file descriptor cannot be a negative integer (%d)' % fd)
            masks[fd] = masks.get(fd, 0) | mask
    if timeout is not None and timeout < 0:
        raise ValueError('timeout must be non-negative')
    deadline = deadline_of(timeout)
    while True:
        found = dict(wait(masks, None if deadline is None else max(0, deadline - _now())))
        if any(found.get(fd, 0) & select.POLLNVAL for fd in masks):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        if found or deadline is not None and _now() >= deadline:
            return (
                [file for file in rlist if found.get(number(file), 0) & ~WRITE],
                [file for file in wlist if found.get(number(file), 0) & ~READ],
                [])


def install():
    select.poll = Poll
    # As the functions in C that these replace, they must not become methods of a class that keeps them.
    select.select = staticmethod(select_)
    time.sleep = staticmethod(sleep)
