"""What SIGTERM does: handlers of the program run, otherwise it exits, so that `finally` and `atexit` run."""
import _signal
import sys

import wasmrun_wait

_DEFAULT, _IGNORED = 0, 1
#: Whether the program has been made to exit.
exiting = False
EXIT_CODE = 128 + _signal.SIGTERM


def terminate(number=_signal.SIGTERM):
    global exiting
    handler = _signal.getsignal(number)
    if callable(handler):
        handler(number, sys._getframe(1))
    elif handler != _IGNORED:
        exiting = True
        raise SystemExit(EXIT_CODE)


def _raise_signal(number):
    """The system's own way would end the instance at once for a signal that nobody handles."""
    terminate(number)


def _patch_signal(module):
    module.raise_signal = _raise_signal
    module.siginterrupt = lambda number, flag: None


def _patch_unix_events(module):
    """An event loop learns of a signal in its own wait, so a handler is an ordinary one that calls back soon."""
    import signal

    def add_signal_handler(self, number, callback, *arguments):
        self._check_closed()
        signal.signal(number, lambda *_: self.call_soon_threadsafe(callback, *arguments))

    def remove_signal_handler(self, number):
        return signal.signal(number, signal.SIG_DFL) != signal.SIG_DFL

    module._UnixSelectorEventLoop.add_signal_handler = add_signal_handler
    module._UnixSelectorEventLoop.remove_signal_handler = remove_signal_handler


PATCHES = {'signal': _patch_signal, 'asyncio.unix_events': _patch_unix_events}


def install():
    wasmrun_wait.terminate = terminate
    if 'signal' in sys.modules:
        _patch_signal(sys.modules['signal'])
