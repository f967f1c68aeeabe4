"""
Servers that start a thread for each connection, without threads. A connection waits in one poll with all others until a whole request
is there; only then is its handler called. While a handler waits for something itself, further requests are served on top of it.
"""
import io
import os
import re
import sys

import wasmrun_signal
import wasmrun_threads as threads
import wasmrun_wait as waiting
from wasmrun_wait import READ

#: A body up to this size is received before the handler runs, so that a slow client holds up nobody.
_GATHERED = 1 << 20
_HEAD_LIMIT = 1 << 16
#: How many requests may be served on top of each other.
DEPTH = 8
_LENGTH = re.compile(rb'\ncontent-length:[ \t]*(\d+)[ \t]*\r?\n', re.IGNORECASE)
_UNKNOWN = re.compile(rb'\n(transfer-encoding|expect):', re.IGNORECASE)


class _Ahead(io.RawIOBase):
    """What a connection has sent: first what was received while it waited, then what comes."""

    def __init__(self, sock):
        self.sock, self.pending, self.ended, self.patient = sock, bytearray(), False, True

    def readable(self):
        return True

    def readinto(self, buffer):
        if self.pending:
            count = min(len(buffer), len(self.pending))
            buffer[:count] = self.pending[:count]
            del self.pending[:count]
            return count
        if self.ended:
            return 0
        return self.sock.recv_into(buffer) if self.patient else None

    def gather(self):
        """Takes what is there; true when the handler has something to do."""
        try:
            data = os.read(self.sock.fileno(), 1 << 16)
        except BlockingIOError:
            return False
        self.ended = not data
        self.pending += data
        return self.ended or _is_whole(self.pending)


def _is_whole(data):
    end = data.find(b'\r\n\r\n')
    end = end + 4 if end >= 0 else data.find(b'\n\n') + 2
    if end < 2:
        return len(data) > _HEAD_LIMIT
    length = _LENGTH.search(data, 0, end)
    if length is None or _UNKNOWN.search(data, 0, end):
        return True
    size = int(length.group(1))
    return size > _GATHERED or len(data) >= end + size


class _Connection:
    """One client of an HTTP server, between its requests."""

    def __init__(self, handler):
        self.handler, self.ahead, self.timeout = handler, _Ahead(handler.request), handler.request.gettimeout()
        handler.rfile = io.BufferedReader(self.ahead)
        handler.close_connection = True

    def serve(self):
        """Called when something has come; true while the connection stays."""
        handler = self.handler
        try:
            if not self.ahead.gather():
                return True
            while True:
                if self.ahead.ended and not self.ahead.pending:
                    return self.finish()
                if _is_wsgiref(handler):
                    handler.handle()
                    return self.finish()
                handler.handle_one_request()
                if handler.close_connection:
                    return self.finish()
                if not self._has_more():
                    return True
        except (ConnectionError, TimeoutError):
            return self.finish()
        except Exception:
            handler.server.handle_error(handler.request, handler.client_address)
            return self.finish()

    def _has_more(self):
        self.ahead.patient = False
        try:
            return bool(self.handler.rfile.peek(1))
        finally:
            self.ahead.patient = True

    def finish(self):
        try:
            self.handler.finish()
        except Exception:
            pass
        self.handler.server.shutdown_request(self.handler.request)
        return False


class _Park:
    """The connections of one running server."""

    def __init__(self, server):
        self.server, self.depth, self._held, self.masks, self._connections = server, 0, 0, {}, {}
        self._nested = hasattr(server, 'process_request_thread')
        self._poll = waiting.Poll()
        self._keep(server.fileno(), None)

    def _keep(self, fd, connection):
        self._connections[fd] = connection
        self.masks[fd] = READ
        self._poll.register(fd, READ)

    def _drop(self, fd):
        self._connections.pop(fd, None)
        if self.masks.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def add(self, handler):
        self._keep(handler.request.fileno(), _Connection(handler))

    def wait(self, seconds):
        return self._poll.poll(seconds * 1000)

    def serve(self, found):
        self.depth += 1
        before, self._held = self._held, threads.held
        try:
            for fd, _ in found:
                if fd not in self._connections:
                    continue
                connection = self._connections[fd]
                if connection is None:
                    self.server._handle_request_noblock()
                    continue
                # While its handler runs, nobody else may read from it.
                self._drop(fd)
                if connection.serve():
                    self._keep(fd, connection)
        finally:
            self.depth -= 1
            self._held = before

    def may_serve(self):
        """Whether requests may be served on top of a handler that waits."""
        return self._nested and 0 < self.depth < DEPTH and threads.held <= self._held

    def open_masks(self):
        return self.masks

    def close(self):
        for connection in list(self._connections.values()):
            if connection is not None:
                connection.finish()


def _is_wsgiref(handler):
    """Its handler serves one request in `handle` and knows no other way."""
    module = sys.modules.get('wsgiref.simple_server')
    return module is not None and isinstance(handler, module.WSGIRequestHandler)


_preparing = False


def _prepare(server, request, client_address):
    """A handler that has not begun yet."""
    global _preparing
    _preparing = True
    try:
        return server.RequestHandlerClass(request, client_address, server)
    finally:
        _preparing = False


def _parks(server, request, client_address):
    """Takes a connection of an HTTP server in."""
    http = sys.modules.get('http.server')
    kind = getattr(server.RequestHandlerClass, 'func', server.RequestHandlerClass)
    if server._park is None or http is None or not isinstance(kind, type) or not issubclass(kind, http.BaseHTTPRequestHandler):
        return False
    handler = _prepare(server, request, client_address)
    handler.setup()
    server._park.add(handler)
    return True


def _patch_socketserver(module):
    plain_init, plain_process = module.BaseRequestHandler.__init__, module.BaseServer.process_request

    def init(self, request, client_address, server):
        global _preparing
        if not _preparing:
            return plain_init(self, request, client_address, server)
        _preparing = False
        self.request, self.client_address, self.server = request, client_address, server

    def process_request(self, request, client_address):
        if not _parks(self, request, client_address):
            plain_process(self, request, client_address)

    def process_request_in_thread(self, request, client_address):
        if not _parks(self, request, client_address):
            threads.start_green(threads.main_ident, _life(self, _prepare(self, request, client_address)))

    def serve_steps(self, poll_interval=0.5):
        park = _start(self)
        try:
            while not self._BaseServer__shutdown_request:
                park.serve((yield threads.Wait(park.masks, poll_interval, lambda: self._BaseServer__shutdown_request)))
                self.service_actions()
        finally:
            _stop(self, park)

    def serve_forever(self, poll_interval=0.5):
        if threads.current() != threads.main_ident:
            raise RuntimeError('this thread cannot serve: its code is not there as source, and a wasmrun sandbox has one thread')
        park = _start(self)
        try:
            while not self._BaseServer__shutdown_request:
                park.serve(park.wait(poll_interval))
                self.service_actions()
        finally:
            _stop(self, park)

    module.BaseRequestHandler.__init__ = init
    module.BaseServer._park = None
    module.BaseServer.serve_forever = serve_forever
    module.BaseServer.process_request = process_request
    module.ThreadingMixIn.process_request = process_request_in_thread
    import wasmrun_green
    wasmrun_green.blocking[serve_forever] = serve_steps


def _start(server):
    server._BaseServer__is_shut_down.clear()
    park = server._park = _Park(server)
    threads.parks.append(park)
    waiting.scheduler = threads
    return park


def _stop(server, park):
    threads.parks.remove(park)
    park.close()
    server._park = None
    server._BaseServer__shutdown_request = False
    server._BaseServer__is_shut_down.set()


def _life(server, handler):
    """A connection of a protocol of the program's own."""
    from wasmrun_green import call
    try:
        handler.setup()
        try:
            yield from call(handler.handle)
        finally:
            handler.finish()
    except GeneratorExit:
        raise
    except Exception:
        server.handle_error(handler.request, handler.client_address)
    except SystemExit:
        # Of a thread, that would be the end of the thread.
        if wasmrun_signal.exiting:
            raise
    finally:
        server.shutdown_request(handler.request)


PATCHES = {'socketserver': _patch_socketserver}
