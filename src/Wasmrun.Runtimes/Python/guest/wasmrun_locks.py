"""Locks: who waits for one lets the other threads go on, and who holds one is not interrupted by requests that are served meanwhile."""
import _thread

import wasmrun_threads as threads


class Lock:
    """`threading.Lock`; waiting for it lets the others go on."""

    __slots__ = ('_held', '__weakref__')

    def __init__(self):
        self._held = False

    def acquire(self, blocking=True, timeout=-1):
        if self._held:
            if not blocking:
                if timeout != -1:
                    raise ValueError("can't specify a timeout for a non-blocking call")
                return False
            if timeout < 0 and timeout != -1:
                raise ValueError('timeout value must be a non-negative number')
            threads.wait({}, None if timeout == -1 else timeout, lambda: not self._held)
            while self._held and timeout == -1:
                threads.wait({}, None, lambda: not self._held)
            if self._held:
                return False
        self._held = True
        threads.held += 1
        return True

    def release(self):
        if not self._held:
            raise RuntimeError('release unlocked lock')
        self._held = False
        threads.held -= 1

    def locked(self):
        return self._held

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()

    def __repr__(self):
        return '<%s lock at %#x>' % ('locked' if self._held else 'unlocked', id(self))

    acquire_lock, release_lock, locked_lock = acquire, release, locked


class RLock:
    """`threading.RLock`: belongs to a thread, as often as that has taken it."""

    __slots__ = ('_owner', '_count', '__weakref__')

    def __init__(self):
        self._owner, self._count = None, 0

    def acquire(self, blocking=True, timeout=-1):
        me = threads.current()
        if self._owner == me:
            self._count += 1
            return True
        if self._owner is not None:
            if not blocking:
                return False
            threads.wait({}, None if timeout == -1 else timeout, lambda: self._owner is None)
            while self._owner is not None and timeout == -1:
                threads.wait({}, None, lambda: self._owner is None)
            if self._owner is not None:
                return False
        self._owner, self._count = me, 1
        threads.held += 1
        return True

    __enter__ = acquire

    def release(self):
        if self._owner != threads.current():
            raise RuntimeError('cannot release un-acquired lock')
        self._count -= 1
        if not self._count:
            self._owner = None
            threads.held -= 1

    def __exit__(self, *_):
        self.release()

    def _is_owned(self):
        return self._owner == threads.current()

    def _recursion_count(self):
        return self._count if self._is_owned() else 0

    def _release_save(self):
        if not self._count:
            raise RuntimeError('cannot release un-acquired lock')
        state, self._owner, self._count = (self._count, self._owner), None, 0
        threads.held -= 1
        return state

    def _acquire_restore(self, state):
        self.acquire()
        self._count, self._owner = state

    def __repr__(self):
        return '<%s RLock owner=%s count=%d at %#x>' % ('locked' if self._count else 'unlocked', self._owner, self._count, id(self))


def install():
    _thread.allocate_lock = _thread.allocate = _thread.LockType = Lock
    _thread.RLock = RLock
