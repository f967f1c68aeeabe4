"""The waits of the library as generators, for threads that give way while they wait."""
import time

from wasmrun_threads import Wait, _now


def _sleep(seconds):
    yield Wait(seconds=seconds)


def _event_wait(event, timeout=None):
    if not event.is_set():
        yield Wait(seconds=timeout, ready=event.is_set)
    return event.is_set()


def _condition_wait(condition, timeout=None):
    import threading
    if not condition._is_owned():
        raise RuntimeError('cannot wait on un-acquired lock')
    waiter = threading.Lock()
    waiter.acquire()
    condition._waiters.append(waiter)
    saved = condition._release_save()
    try:
        yield Wait(seconds=timeout, ready=lambda: not waiter.locked())
    finally:
        condition._acquire_restore(saved)
    if not waiter.locked():
        return True
    if waiter in condition._waiters:
        condition._waiters.remove(waiter)
    return False


def _condition_wait_for(condition, predicate, timeout=None):
    deadline = None if timeout is None else _now() + timeout
    while not (result := predicate()):
        rest = None if deadline is None else deadline - _now()
        if rest is not None and rest <= 0:
            break
        yield from _condition_wait(condition, rest)
    return result


def _lock_acquire(lock, blocking=True, timeout=-1):
    if blocking and lock.locked():
        yield Wait(seconds=None if timeout == -1 else timeout, ready=lambda: not lock.locked())
        while lock.locked() and timeout == -1:
            yield Wait(ready=lambda: not lock.locked())
    return lock.acquire(False)


def _semaphore_acquire(semaphore, blocking=True, timeout=None):
    if blocking and semaphore._value == 0:
        yield Wait(seconds=timeout, ready=lambda: semaphore._value > 0)
    return semaphore.acquire(False)


def _thread_join(thread, timeout=None):
    if thread.is_alive():
        yield Wait(seconds=timeout, ready=lambda: not thread.is_alive())
    thread.join(0)


def _timer_run(timer):
    yield from _event_wait(timer.finished, timer.interval)
    if not timer.finished.is_set():
        from wasmrun_green import call
        yield from call(timer.function, *timer.args, **timer.kwargs)
    timer.finished.set()


def _queue_get(queue, block=True, timeout=None):
    if block and queue.empty():
        yield Wait(seconds=timeout, ready=lambda: not queue.empty())
        while timeout is None and queue.empty():
            yield Wait(ready=lambda: not queue.empty())
    return queue.get_nowait()


def _queue_put(queue, item, block=True, timeout=None):
    if block and queue.full():
        yield Wait(seconds=timeout, ready=lambda: not queue.full())
        while timeout is None and queue.full():
            yield Wait(ready=lambda: not queue.full())
    queue.put_nowait(item)


def _queue_join(queue):
    while queue.unfinished_tasks:
        yield Wait(ready=lambda: not queue.unfinished_tasks)


def _listener_monitor(listener):
    while True:
        record = yield from _queue_get(listener.queue)
        if record is listener._sentinel:
            break
        listener.handle(record)
        if hasattr(listener.queue, 'task_done'):
            listener.queue.task_done()


def _future_result(future, timeout=None):
    if not future.done():
        yield Wait(seconds=timeout, ready=future.done)
    return future.result(0)


def readable(fd, timeout=None):
    """Waits until a socket can be read; false when the time is over."""
    import select
    return bool((yield Wait({fd: select.POLLIN}, timeout)))


def _socket_reader(name):
    def read(sock, *arguments, **keywords):
        import socket
        if sock.gettimeout() != 0 and not (yield from readable(sock.fileno(), sock.gettimeout())):
            raise TimeoutError('timed out')
        return getattr(socket.socket, name)(sock, *arguments, **keywords)
    return read


def fill(blocking, threading):
    blocking.update({
        time.sleep.__func__: _sleep,
        threading.Event.wait: _event_wait,
        threading.Condition.wait: _condition_wait,
        threading.Condition.wait_for: _condition_wait_for,
        threading.Lock.acquire: _lock_acquire,
        threading.Semaphore.acquire: _semaphore_acquire,
        threading.Thread.join: _thread_join,
        threading.Timer.run: _timer_run,
    })
    import socket
    for name in ('recv', 'recv_into', 'recvfrom', 'accept'):
        blocking[getattr(socket.socket, name)] = _socket_reader(name)


def _patch_queue(module):
    from wasmrun_green import blocking
    module.SimpleQueue = module._PySimpleQueue
    for kind in (module.Queue, module._PySimpleQueue):
        blocking[kind.get] = _queue_get
        blocking[kind.put] = _queue_put
    module._PySimpleQueue.full = lambda self: False
    blocking[module.Queue.join] = _queue_join


def _patch_handlers(module):
    from wasmrun_green import blocking
    blocking[module.QueueListener._monitor] = _listener_monitor


def _patch_futures(module):
    from wasmrun_green import blocking
    blocking[module.Future.result] = _future_result


PATCHES = {'queue': _patch_queue, 'logging.handlers': _patch_handlers, 'concurrent.futures._base': _patch_futures}
