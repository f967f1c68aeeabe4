"""
Threads without threads. A thread whose code can be read is run as a generator that gives way wherever it waits (see
`wasmrun_green`); any other is run to its end when it is started. Whoever waits, in here, lets the others go on.
"""
import _thread
import sys
import time

import wasmrun_wait as waiting

#: How long, in seconds, code that cannot give way may hold up another that is ready.
_PATIENCE = 10.0

main_ident = _thread.get_ident()
_now = time.monotonic


class Wait:
    """What code waits for: descriptors with events, a moment, a condition; or any of them."""

    __slots__ = ('masks', 'deadline', 'ready')

    def __init__(self, masks=None, seconds=None, ready=None):
        self.masks = masks or {}
        self.deadline = None if seconds is None else _now() + seconds
        self.ready = ready

    def is_over(self):
        return self.ready is not None and self.ready() or self.deadline is not None and _now() >= self.deadline


class Green:
    """A thread that is a generator of what it waits for."""

    def __init__(self, ident, steps):
        import contextvars
        self.ident, self._steps, self.wait, self.running = ident, steps, None, False
        self._context = contextvars.Context()

    def step(self, found=()):
        global _current
        before, _current, self.running = _current, self.ident, True
        try:
            self.wait = self._context.run(self._steps.send, None if self.wait is None else found)
        except StopIteration:
            _greens.remove(self)
        except BaseException:
            _greens.remove(self)
            raise
        finally:
            _current, self.running = before, False


_current = main_ident
_next_ident = main_ident
_greens = []
_queue = []
#: Whoever waits in a frame of this stack, the lowest first: only the last can go on.
_waits = []
_asked_to_end = False
#: Running servers, which serve on top of a handler that waits: see `wasmrun_servers`.
parks = []


#: How many locks are held: a handler that holds one is not interrupted, because the next might wait for it.
held = 0


def current():
    return _current


def forget_locals(ident):
    """Replaced by `wasmrun_local`."""


def ended(ident):
    forget_locals(ident)
    sentinel = _sentinels.pop(ident, None)
    if sentinel is not None and sentinel.locked():
        sentinel.release()


def busy():
    """Whether anybody but the one that waits could go on."""
    return bool(_greens or _queue or _asked_to_end or any(park.may_serve() for park in parks))


def new_ident():
    global _next_ident
    _next_ident += 1
    return _next_ident


def start(function, arguments, keywords=None):
    """Queues a thread that will be run to its end by the next wait, which is usually that of `Thread.start`."""
    ident = new_ident()
    _queue.append((ident, function, arguments, keywords or {}))
    waiting.scheduler = sys.modules[__name__]
    return ident


def start_green(ident, steps):
    green = Green(ident, steps)
    _greens.append(green)
    waiting.scheduler = sys.modules[__name__]
    green.step()


def _run_queued():
    global _current
    while _queue:
        ident, function, arguments, keywords = _queue.pop(0)
        before, _current = _current, ident
        try:
            function(*arguments, **keywords)
        except SystemExit:
            pass
        finally:
            _current = before
            ended(ident)


def end_asked(frame=None):
    """The signal to end is for the main thread; another that takes it dies of it and tells."""
    global _asked_to_end
    if _current == main_ident:
        waiting_terminate(frame)
    else:
        _asked_to_end = True
        raise SystemExit


def wait(masks, seconds=None, ready=None):
    """Waits, and lets all other threads go on meanwhile."""
    global _asked_to_end
    own = Wait(masks, seconds, ready)
    _waits.append(own)
    held_up = None
    try:
        while True:
            if _asked_to_end and _current == main_ident:
                _asked_to_end = False
                waiting_terminate()
                return []
            _run_queued()
            stepped = False
            for green in list(_greens):
                if not green.running and (green.wait is None or green.wait.is_over()):
                    green.step()
                    stepped = True
            if ready is not None and ready():
                return []
            found = _poll(own, 0 if stepped else None)
            if found is None:
                return []
            mine = [(fd, events) for fd, events in found.items() if fd in own.masks]
            if mine or own.deadline is not None and _now() >= own.deadline:
                return mine
            held_up = _check(own, held_up)
    finally:
        _waits.remove(own)


def _poll(own, seconds):
    """Polls for all; what was found, or None after a signal that was handled."""
    masks = dict(own.masks)
    deadline = own.deadline
    for green in _greens:
        if not green.running:
            for fd, mask in green.wait.masks.items():
                masks[fd] = masks.get(fd, 0) | mask
            if green.wait.deadline is not None:
                deadline = green.wait.deadline if deadline is None else min(deadline, green.wait.deadline)
    open_parks = [(park, park.open_masks()) for park in parks if park.may_serve()]
    for _, others in open_parks:
        masks.update(others)
    if seconds is None:
        if deadline is not None:
            seconds = max(0, deadline - _now())
        elif not masks:
            raise RuntimeError(
                'this waits for ever: a wasmrun sandbox has one thread, and whatever should end the wait is held up by it or has ended')
        elif len(_waits) > 1:
            seconds = _PATIENCE
    before = waiting.signalled
    found = dict(waiting.poll_once(masks, seconds))
    for green in list(_greens):
        if not green.running and green.wait is not None:
            hits = [(fd, found[fd]) for fd in green.wait.masks if fd in found]
            if hits:
                green.step(hits)
    for park, others in open_parks:
        hits = [(fd, found[fd]) for fd in others if fd in found and fd not in own.masks]
        if hits:
            import contextvars
            contextvars.Context().run(park.serve, hits)
    return None if waiting.signalled != before and not found else found


def _check(own, since):
    """Code that waits without an end on top of code that could go on would hold it up for ever."""
    if own.deadline is not None or not any(below.is_over() or below.masks and waiting.poll_once(below.masks, 0) for below in _waits[:-1]):
        return None
    if since is None:
        return _now()
    if _now() - since < _PATIENCE:
        return since
    raise RuntimeError('a thread waits for what only the code that it holds up can do: a wasmrun sandbox has one thread')


def waiting_terminate(frame=None):
    import wasmrun_signal
    wasmrun_signal.terminate(frame=frame)


_sentinels = {}


def _set_sentinel():
    lock = _sentinels[_current] = _thread.allocate_lock()
    return lock


def _patch_threading(module):
    import wasmrun_green
    wasmrun_green.patch_threading(module)


PATCHES = {'threading': _patch_threading}


def install():
    import wasmrun_local
    import wasmrun_locks
    waiting.terminate = end_asked
    _thread.start_new_thread = _thread.start_new = start
    wasmrun_locks.install()
    wasmrun_local.install()
    _thread.get_ident = current
    _thread._set_sentinel = _set_sentinel
