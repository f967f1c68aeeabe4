"""What SIGTERM does: handlers of the program run, otherwise it exits, so that `finally` and `atexit` run."""
import _signal
import errno
import os
import sys

import wasmrun_wait

#: Whether the program has been made to exit.
exiting = False
EXIT_CODE = 128 + _signal.SIGTERM
#: A number that no signal has: the runner raises it in a program that computes (see `InterpreterSignals`).
_INTERRUPT = 64
_SUPPORT = __file__.rpartition('/')[0] + '/'


def terminate(number=_signal.SIGTERM, frame=None):
    global exiting
    handler = _signal.getsignal(number)
    if callable(handler):
        handler(number, frame or sys._getframe(1))
    elif handler != _signal.SIG_IGN:
        exiting = True
        raise SystemExit(EXIT_CODE)


def _raise_signal(number):
    """The system's own way would end the instance at once for a signal that nobody handles."""
    terminate(number)


def _kill(pid, number):
    if pid != os.getpid():
        raise ProcessLookupError(errno.ESRCH, 'a wasmrun sandbox has no other process')
    if number:
        terminate(number)


def _pause():
    """Waits for the signal to end, and for what its handler does."""
    before = wasmrun_wait.signalled
    while wasmrun_wait.signalled == before:
        wasmrun_wait.wait({}, 3600)


def _interrupted(number, frame):
    """The signal to end has come while the program computes; what waits soon by itself, here, is left alone, and the runner asks again."""
    if not frame.f_code.co_filename.startswith(_SUPPORT) or frame.f_globals['__name__'] == 'wasmrun_hashes':
        wasmrun_wait.deliver(frame)


def _patch_signal(module):
    plain = module.signal

    def signal(signalnum, handler):
        if signalnum == _INTERRUPT:
            raise ValueError('signal number out of range')
        return plain(signalnum, handler)

    module.signal = signal
    module.raise_signal = _raise_signal
    module.pause = _pause
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


def _patch_base_events(module):
    """A server that is closed waits for its last connection, and so would hold up a program that is told to end."""
    plain = module.Server.wait_closed

    async def wait_closed(self):
        if not exiting:
            await plain(self)

    module.Server.wait_closed = wait_closed


PATCHES = {'signal': _patch_signal, 'asyncio.unix_events': _patch_unix_events, 'asyncio.base_events': _patch_base_events}


def install():
    _signal.signal(_INTERRUPT, _interrupted)
    os.kill = _kill
    if 'signal' in sys.modules:
        _patch_signal(sys.modules['signal'])
