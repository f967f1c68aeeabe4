"""Threads, as far as a program with one thread can have them."""
import concurrent.futures
import functools
import logging
import logging.handlers
import queue
import sched
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from rules import done, fails, rule


def started(target, *arguments, **keywords):
    thread = threading.Thread(target=target, args=arguments, **keywords)
    thread.start()
    return thread


@rule
def a_thread_runs_and_is_joined():
    out = []
    thread = started(out.append, 1)
    thread.join()
    assert out == [1] and not thread.is_alive()
    with fails(RuntimeError, 'once'):
        thread.start()


@rule
def a_worker_waits_for_its_queue():
    work, results = queue.Queue(), []

    def worker():
        while True:
            item = work.get()
            if item is None:
                break
            results.append(item * 2)
            work.task_done()

    thread = started(worker, daemon=True)
    for item in range(3):
        work.put(item)
    work.join()
    assert results == [0, 2, 4] and thread.is_alive()
    work.put(None)
    thread.join()
    assert not thread.is_alive()


@rule
def a_worker_loops_over_a_queue():
    work, results = queue.SimpleQueue(), []

    def worker():
        for item in iter(work.get, 'end'):
            results.append(item)
        results.append('after')

    thread = started(worker)
    work.put(1)
    work.put('end')
    thread.join()
    assert results == [1, 'after']


@rule
def a_bounded_queue_holds_its_producer_back():
    work = queue.Queue(2)
    seen = []

    def producer():
        for item in range(10):
            work.put(item)

    thread = started(producer)
    assert work.qsize() == 2
    for _ in range(10):
        seen.append(work.get(timeout=5))
    thread.join()
    assert seen == list(range(10))


@rule
def a_class_sleeps_between_its_rounds():
    class Heartbeat(threading.Thread):
        def __init__(self):
            super().__init__(daemon=True)
            self.__beats, self.stop = 0, threading.Event()

        def run(self):
            while not self.stop.wait(0.005):
                self.__beat()

        def __beat(self):
            self.__beats += 1
            time.sleep(0.001)

        def count(self):
            return self.__beats

    thread = Heartbeat()
    thread.start()
    while thread.count() < 3:
        time.sleep(0.005)
    thread.stop.set()
    thread.join()


@rule
def functions_that_wait_are_called_from_functions():
    total, ready = [0], threading.Event()

    def helper(number, *, scale=2):
        ready.wait()
        total[0] += number * scale
        return total[0]

    def target(first, second=3):
        try:
            return helper(first) + helper(second, scale=1)
        finally:
            total.append('after')

    thread = started(target, 1)
    assert total == [0]
    ready.set()
    thread.join()
    assert total == [5, 'after']


@rule
def timers_fire_and_are_cancelled():
    out = []
    fires, cancelled = threading.Timer(0.01, out.append, ('fired',)), threading.Timer(0.01, out.append, ('cancelled',))
    fires.start()
    cancelled.start()
    cancelled.cancel()
    fires.join()
    cancelled.join()
    assert out == ['fired']


@rule
def conditions_and_semaphores_are_kept():
    condition, items, slots = threading.Condition(), [], threading.Semaphore(1)

    def consumer():
        with condition:
            condition.wait_for(lambda: items)
            items.append('seen')
        slots.acquire()
        items.append('slot')

    slots.acquire()
    thread = started(consumer)
    with condition:
        items.append(1)
        condition.notify_all()
    while 'seen' not in items:
        time.sleep(0.001)
    slots.release()
    thread.join()
    assert items == [1, 'seen', 'slot']


@rule
def threads_know_who_they_are():
    names = []

    def tell():
        time.sleep(0)
        names.append(threading.current_thread().name)

    threads = [started(tell, name='worker-%d' % number) for number in range(3)]
    for thread in threads:
        thread.join()
    assert names == ['worker-0', 'worker-1', 'worker-2'] and threading.current_thread() is threading.main_thread()
    assert threading.active_count() == 1 and len({thread.ident for thread in threads}) == 3


@rule
def a_lock_is_held_once():
    lock = threading.Lock()
    with lock:
        assert lock.locked() and not lock.acquire(blocking=False) and not lock.acquire(timeout=0.01)
    with fails(RuntimeError):
        lock.release()
    held = []

    def holder():
        with lock:
            held.append(1)
            time.sleep(0.01)
            held.append(2)

    started(holder)
    with lock:
        assert held == [1, 2]


@rule
def what_would_wait_for_ever_fails():
    lock = threading.Lock()
    lock.acquire()
    with fails(RuntimeError, 'waits for ever'):
        lock.acquire()
    with fails(RuntimeError, 'waits for ever'):
        queue.Queue().get()
    with fails(queue.Empty):
        queue.Queue().get(timeout=0.01)
    with fails(RuntimeError, 'waits for ever'):
        threading.Event().wait()


@rule
def an_error_in_a_thread_is_told():
    seen = []
    before, threading.excepthook = threading.excepthook, lambda told: seen.append((told.exc_type, told.thread.name))

    def fail():
        time.sleep(0)
        raise ValueError

    started(fail, name='bad').join()
    started(lambda: 1 / 0, name='worse').join()
    threading.excepthook = before
    assert seen == [(ValueError, 'bad'), (ZeroDivisionError, 'worse')]


@rule
def an_executor_does_its_work():
    with concurrent.futures.ThreadPoolExecutor(4, initializer=lambda: None) as pool:
        assert list(pool.map(lambda number: number * number, range(4))) == [0, 1, 4, 9]
        failed = pool.submit(lambda: 1 / 0)
        assert isinstance(failed.exception(), ZeroDivisionError)
        futures = [pool.submit(len, text) for text in ('a', 'bb')]
        assert {future.result() for future in concurrent.futures.as_completed(futures)} == {1, 2}
    with fails(RuntimeError, 'shutdown'):
        pool.submit(len, '')


@rule
def work_of_an_executor_gives_way():
    from concurrent.futures import CancelledError
    order = []

    def work(name):
        order.append('begin ' + name)
        time.sleep(0.05)
        order.append('end ' + name)
        return name, threading.current_thread().name

    with ThreadPoolExecutor(2, 'pool') as pool:
        futures = [pool.submit(work, name) for name in 'abc']
        assert order == ['begin a', 'begin b'] and not futures[0].done()
        assert futures[2].result()[0] == 'c'
        assert [future.result() for future in futures[:2]] == [('a', 'pool_0'), ('b', 'pool_1')]
        assert order[-1] == 'end c' and order.index('end a') < order.index('begin c')
        late = [pool.submit(work, name) for name in 'def']
        pool.shutdown(wait=False, cancel_futures=True)
        with fails(CancelledError):
            late[2].result()
    assert [future.result()[0] for future in late[:2]] == ['d', 'e']


@rule
def a_pool_serves_one_connection_beside_the_other():
    listener = socket.create_server(('127.0.0.1', 0))

    def serve(connection):
        with connection:
            while data := connection.recv(100):
                connection.sendall(data.upper())

    with ThreadPoolExecutor(3) as pool:
        clients = []
        for _ in range(3):
            clients.append(socket.create_connection(listener.getsockname()))
            pool.submit(serve, listener.accept()[0])
        for client in reversed(clients):
            client.settimeout(20)
            client.sendall(b'x')
            assert client.recv(100) == b'X'
        for client in clients:
            client.close()
    listener.close()


@rule
def a_thread_reads_lines_of_text_beside_another():
    listener = socket.create_server(('127.0.0.1', 0))

    def serve(connection):
        with connection, connection.makefile('rw', encoding='utf-8') as file:
            print(file.readline().strip(), file.read(3), sep='|', file=file, flush=True)
            for line in file:
                print(line.strip().upper(), file=file, flush=True)

    clients = []
    for _ in range(2):
        clients.append(socket.create_connection(listener.getsockname()))
        started(serve, listener.accept()[0])
    for client in reversed(clients):
        client.settimeout(20)
        for part in ('né\r'.encode(), b'\nab', 'ü'.encode()[:1], 'ü'.encode()[1:] + b'x\r\ny\n'):
            client.sendall(part)
        with client.makefile(encoding='utf-8') as file:
            assert [file.readline() for _ in range(3)] == ['né|abü\n', 'X\n', 'Y\n']
            client.shutdown(socket.SHUT_WR)
            assert file.read() == '' and list(file) == []
        client.close()
    listener.close()


@rule
def an_event_loop_goes_on_beside_its_executor():
    import asyncio
    order = []

    def slow():
        time.sleep(0.1)
        order.append('slow')
        return 7

    async def main():
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(None, slow)
        await asyncio.sleep(0.01)
        order.append('loop')
        return await work

    assert asyncio.run(main()) == 7
    assert order == ['loop', 'slow']


@rule
def a_queue_listener_logs():
    records, seen = queue.Queue(), []

    class Keeper(logging.Handler):
        def emit(self, record):
            seen.append(record.getMessage())

    listener = logging.handlers.QueueListener(records, Keeper())
    listener.start()
    logger = logging.getLogger('queued')
    logger.addHandler(logging.handlers.QueueHandler(records))
    logger.propagate = False
    logger.error('told %d', 1)
    listener.stop()
    assert seen == ['told 1']


@rule
def a_schedule_is_kept():
    out = []
    schedule = sched.scheduler()
    schedule.enter(0.01, 1, out.append, 'b')
    schedule.enter(0, 1, out.append, 'a')
    schedule.run()
    assert out == ['a', 'b']


@rule
def a_barrier_opens_for_all():
    barrier, passed = threading.Barrier(2), []

    def party():
        barrier.wait(5)
        passed.append(1)

    with fails(threading.BrokenBarrierError):
        barrier.wait(0.01)
    barrier.reset()
    assert not passed


@rule
def methods_and_inheritance_survive():
    class Base:
        def work(self):
            time.sleep(0)
            return ['base']

    class Derived(Base):
        def work(self):
            return super().work() + ['derived', __class__.__name__]

    out = []
    worker = Derived()
    started(lambda: out.extend(worker.work())).join()

    def run():
        out.extend(worker.work())

    started(run).join()
    assert out == ['base', 'derived', 'Derived'] * 2


@rule
def lambdas_partials_and_objects_give_way():
    ready, out = threading.Event(), []

    class Caller:
        def __call__(self, text):
            ready.wait()
            out.append(text)

    def wait(text):
        ready.wait()
        out.append(text)

    threads = [started(lambda: wait('lambda')), started(functools.partial(wait, 'partial')), started(Caller(), 'object')]
    assert out == []
    ready.set()
    for thread in threads:
        thread.join()
    assert sorted(out) == ['lambda', 'object', 'partial']


@rule
def a_decorated_function_runs_with_its_decorator():
    out = []

    def decorated(function):
        @functools.wraps(function)
        def wrapper(*arguments):
            out.append('before')
            return function(*arguments)
        return wrapper

    @decorated
    def work(text):
        time.sleep(0.001)
        out.append(text)

    started(work, 'work').join()
    assert out == ['before', 'work'], out


@rule
def every_thread_has_local_values_of_its_own():
    class Local(threading.local):
        kind = 'of the class'

        def __init__(self, first):
            self.items = [first]

    local, plain, seen = Local(1), threading.local(), {}
    plain.value = 'main'

    def work(name):
        seen[name] = [hasattr(plain, 'value'), list(local.items), local.kind]
        plain.value = name
        local.items.append(name)
        time.sleep(0.01)
        seen[name] += [plain.value, list(local.items)]

    threads = [started(work, name) for name in ('a', 'b')]
    for thread in threads:
        thread.join()
    assert seen == {name: [False, [1], 'of the class', name, [1, name]] for name in ('a', 'b')}, seen
    assert plain.value == 'main' and local.items == [1]
    del plain.value
    with fails(AttributeError):
        plain.value
    with fails(TypeError):
        threading.local(1)


@rule
def a_thread_runs_an_event_loop():
    import asyncio
    out = []

    async def work():
        await asyncio.sleep(0.01)
        out.append(1)

    for _ in range(2):
        started(lambda: asyncio.run(work())).join()
    assert out == [1, 1]


@rule
def a_daemon_that_never_ends_holds_up_nobody():
    rounds = []

    def forever():
        while True:
            rounds.append(1)
            time.sleep(0.001)

    started(forever, daemon=True)
    while len(rounds) < 3:
        time.sleep(0.001)


done()
