"""`threading.local` for threads that are none of the interpreter's own: each has values of its own, which go with it."""
import _thread
import weakref

import wasmrun_threads as threads

_get, _set = object.__getattribute__, object.__setattr__
#: All locals in which a thread other than the main one has put something.
_all = {}


class local:
    __slots__ = ('_wasmrun_local', '__dict__', '__weakref__')

    def __new__(cls, /, *arguments, **keywords):
        if (arguments or keywords) and cls.__init__ is object.__init__:
            raise TypeError('Initialization arguments are not supported')
        self = object.__new__(cls)
        # Whose values the object shows, those of the others, and what to make new ones with.
        _set(self, '_wasmrun_local', [threads.current(), {}, arguments, keywords])
        return self

    def __getattribute__(self, name):
        _show(self)
        return _get(self, name)

    def __setattr__(self, name, value):
        if name == '__dict__':
            raise AttributeError("%r object attribute '__dict__' is read-only" % type(self).__name__)
        _show(self)
        _set(self, name, value)

    def __delattr__(self, name):
        _show(self)
        object.__delattr__(self, name)


def _show(self):
    state = _get(self, '_wasmrun_local')
    me = threads.current()
    if state[0] == me:
        return
    if state[0] is not None:
        state[1][state[0]] = _get(self, '__dict__')
    state[0] = me
    known = state[1].pop(me, None)
    _set(self, '__dict__', {} if known is None else known)
    if known is None:
        if me != threads.main_ident:
            key = id(self)
            _all[key] = weakref.ref(self, lambda _: _all.pop(key, None))
        type(self).__init__(self, *state[2], **state[3])


def forget(ident):
    """A thread has ended."""
    for reference in list(_all.values()):
        self = reference()
        if self is not None:
            state = _get(self, '_wasmrun_local')
            state[1].pop(ident, None)
            if state[0] == ident:
                state[0] = None
                _set(self, '__dict__', {})


def install():
    _thread._local = local
    threads.forget_locals = forget
