"""`concurrent.futures.thread` on threads that give way: work begins when it is submitted, and is done at once unless it waits."""
import collections
import itertools
import os
import threading
from concurrent.futures import _base


class BrokenThreadPool(_base.BrokenExecutor):
    """Raised when an initializer has failed."""


class ThreadPoolExecutor(_base.Executor):
    _counter = itertools.count().__next__

    def __init__(self, max_workers=None, thread_name_prefix='', initializer=None, initargs=()):
        if max_workers is None:
            max_workers = min(32, (os.cpu_count() or 1) + 4)
        if max_workers <= 0:
            raise ValueError('max_workers must be greater than 0')
        if initializer is not None and not callable(initializer):
            raise TypeError('initializer must be a callable')
        self._max_workers, self._initializer, self._initargs = max_workers, initializer, initargs
        self._prefix = thread_name_prefix or 'ThreadPoolExecutor-%d' % self._counter()
        self._pending, self._workers, self._started = collections.deque(), set(), 0
        self._broken = self._shutdown = False

    def submit(self, fn, /, *args, **kwargs):
        if self._broken:
            raise BrokenThreadPool('a thread initializer failed, the thread pool is not usable anymore')
        if self._shutdown:
            raise RuntimeError('cannot schedule new futures after shutdown')
        future = _base.Future()
        self._pending.append((future, fn, args, kwargs))
        if len(self._workers) < self._max_workers:
            worker = threading.Thread(target=self._work, name='%s_%d' % (self._prefix, self._started))
            self._started += 1
            self._workers.add(worker)
            worker.start()
        return future

    def _work(self):
        if self._initializer is not None:
            try:
                self._initializer(*self._initargs)
            except BaseException:
                self._break()
        while self._pending:
            future, function, arguments, keywords = self._pending.popleft()
            if future.set_running_or_notify_cancel():
                try:
                    result = function(*arguments, **keywords)
                except BaseException as error:
                    future.set_exception(error)
                else:
                    future.set_result(result)
        self._workers.discard(threading.current_thread())

    def _break(self):
        self._broken = True
        while self._pending:
            self._pending.popleft()[0].set_exception(BrokenThreadPool('a thread initializer failed, the thread pool is not usable anymore'))

    def shutdown(self, wait=True, *, cancel_futures=False):
        self._shutdown = True
        while cancel_futures and self._pending:
            self._pending.popleft()[0].cancel()
        if wait:
            for worker in list(self._workers):
                if worker is not threading.current_thread():
                    worker.join()
