"""Serves a WSGI application over HTTP/1.1 with keep-alive, on one poll. What an application waits for holds up no other request."""
import io
import os
import sys
import time
import traceback
from urllib.parse import unquote_to_bytes

import wasmrun_green
import wasmrun_http as http
import wasmrun_servers
import wasmrun_threads as threads
import wasmrun_wait as waiting
from wasmrun_wait import READ, WRITE

#: How much of a streamed answer may wait for its client before the application does.
_QUEUED = 1 << 18
#: Seconds after which a connection that sends nothing is closed.
_IDLE = 75.0


class _Body(io.RawIOBase):
    """The rest of a body that is too big to be received first, or whose size nobody knows."""

    def __init__(self, connection, head):
        self._connection, self._left = connection, head.length
        self._chunks = http.Chunks() if head.chunked else None
        self._decoded = bytearray()

    def readable(self):
        return True

    @property
    def ended(self):
        return self._chunks.ended and not self._decoded if self._chunks else self._left == 0

    def readinto(self, buffer):
        data = self._take(len(buffer))
        buffer[:len(data)] = data
        return len(data)

    def _take(self, size):
        arrived = self._connection.arrived
        while True:
            if self._chunks is not None:
                self._decoded += self._chunks.take(arrived)
                source = self._decoded
            else:
                source, size = arrived, min(size, self._left)
            if source or self.ended:
                data = bytes(source[:size])
                del source[:size]
                if self._chunks is None:
                    self._left -= len(data)
                return data
            if not self._connection.receive(wait=True):
                raise ConnectionError('the client went away in the middle of its request')


class _Connection:
    """One client: what it has sent and not been answered, and what it has not taken yet."""

    def __init__(self, server, sock, address):
        self.server, self.sock, self.fd, self.address = server, sock, sock.fileno(), address
        self.arrived, self.outgoing, self.head = bytearray(), bytearray(), None
        self.closing = False
        self.seen = time.monotonic()

    def receive(self, wait=False):
        """Takes what has come; false at the end."""
        while True:
            try:
                data = os.read(self.fd, 1 << 16)
                self.arrived += data
                return bool(data)
            except BlockingIOError:
                if not wait:
                    return True
            waiting.wait_for(self.fd, READ, None)

    def serve(self, events):
        """Called when something can be done; true while the connection stays."""
        self.seen = time.monotonic()
        try:
            if self.outgoing:
                self.flush()
                if self.outgoing:
                    return True
            elif not self.receive():
                return False
            while not self.closing and not self.outgoing and self._next():
                pass
        except http.BadRequest as error:
            self.send(http.error_answer(error.status))
            self.closing = True
        except (ConnectionError, TimeoutError):
            return False
        return not self.closing or bool(self.outgoing)

    def _next(self):
        """Answers the next request; false when it is not there."""
        if self.head is None:
            self.head = http.take_head(self.arrived)
            if self.head is None:
                return False
            if self.head.expects and (self.head.chunked or len(self.arrived) < self.head.length):
                self.send(b'HTTP/1.1 100 Continue\r\n\r\n')
        head = self.head
        if head.length is None or head.length > http.GATHERED:
            body = _Body(self, head)
            stream = io.BufferedReader(body, 1 << 16)
        elif len(self.arrived) < head.length:
            return False
        else:
            body, stream = None, io.BytesIO(self.arrived[:head.length])
            del self.arrived[:head.length]
        self.head = None
        answer = _Answer(self, head)
        answer.make(self.server.environ(self, head, stream))
        if self.server.log is not None:
            self.server.log(self.address[0], head, answer.status)
        if body is not None and not body.ended:
            # Nobody knows where the next request would begin.
            self.closing = True
        return True

    def send(self, data):
        """Sends at once what goes, and keeps the rest."""
        if self.outgoing:
            self.outgoing += data
            return
        try:
            sent = os.write(self.fd, data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self.outgoing += memoryview(data)[sent:]

    def flush(self, limit=None):
        """Sends what was kept; with a limit, waits until no more than that is left."""
        while self.outgoing:
            try:
                del self.outgoing[:os.write(self.fd, self.outgoing)]
                continue
            except BlockingIOError:
                if limit is None or len(self.outgoing) <= limit:
                    return
            waiting.wait_for(self.fd, WRITE, None)


class _Answer:
    """What an application answers to one request."""

    def __init__(self, connection, head):
        self._connection, self._head = connection, head
        self._status = self._headers = None
        self._started = self._chunked = False

    @property
    def status(self):
        return self._status[:3] if self._started else '500'

    def make(self, environ):
        parts = None
        try:
            parts = self._connection.server.application(environ, self._start)
            self._send(parts)
        except (ConnectionError, TimeoutError):
            raise
        except Exception:
            traceback.print_exc()
            self._connection.closing = True
            if not self._started:
                self._connection.send(http.error_answer(500))
        finally:
            if hasattr(parts, 'close'):
                parts.close()

    def _start(self, status, headers, exc_info=None):
        if exc_info is not None and self._started:
            raise exc_info[1].with_traceback(exc_info[2])
        if self._status is not None and exc_info is None:
            raise AssertionError('start_response was called twice')
        self._status, self._headers = status, headers
        return self._write

    def _write(self, data):
        if data:
            self._begin(None)
            self._piece(data)

    def _send(self, parts):
        single = isinstance(parts, (list, tuple)) and len(parts) == 1
        if single and not self._started:
            self._begin(len(parts[0]), parts[0])
            return
        for part in parts:
            if part:
                self._begin(None)
                self._piece(part)
        self._begin(0)
        if self._chunked:
            self._connection.send(b'0\r\n\r\n')

    def _begin(self, size, body=b''):
        """Sends the head, once; the size is that of the whole body if it is known."""
        if self._started:
            return
        if self._status is None:
            raise AssertionError('the application has not called start_response')
        self._started = True
        head, connection = self._head, self._connection
        status = int(self._status[:3])
        lines = ['HTTP/1.1 ' + self._status]
        known = dated = False
        for name, value in self._headers:
            lower = name.lower()
            if '\n' in value or '\r' in value or '\n' in name or '\r' in name:
                raise ValueError('a header with a line end: %r' % name)
            known = known or lower == 'content-length'
            dated = dated or lower == 'date'
            if lower == 'connection' and 'close' in value.lower():
                connection.closing = True
            lines.append(name + ': ' + value)
        carries = http.has_body(head.method, status)
        if carries and not known:
            if size is not None:
                lines.append('Content-Length: %d' % size)
            elif head.version == '1.1':
                lines.append('Transfer-Encoding: chunked')
                self._chunked = True
            else:
                connection.closing = True
        if not head.keep_alive or connection.closing:
            connection.closing = True
            lines.append('Connection: close')
        elif head.version == '1.0':
            lines.append('Connection: keep-alive')
        text = '\r\n'.join(lines).encode('latin-1') + b'\r\n' + (b'' if dated else http.date()) + b'\r\n'
        connection.send(text + body if carries else text)
        self._silent = not carries

    def _piece(self, data):
        if self._silent:
            return
        connection = self._connection
        connection.send(b'%x\r\n%s\r\n' % (len(data), data) if self._chunked else data)
        if len(connection.outgoing) > _QUEUED:
            connection.flush(_QUEUED)


class Server:
    """Also what lets requests be served on top of one that waits: see `wasmrun_threads.parks`."""

    def __init__(self, listener, application, nested, log):
        self.log, self._nested = log, nested
        self.application, self.depth, self._held, self.masks = application, 0, 0, {}
        self._listener, self._connections, self._busy = listener, {}, set()
        self._poll = waiting.Poll()
        self._base = {
            'SCRIPT_NAME': '', 'SERVER_NAME': listener.getsockname()[0], 'SERVER_PORT': str(listener.getsockname()[1]), 'SERVER_SOFTWARE': 'wasmrun',
            'wsgi.version': (1, 0), 'wsgi.url_scheme': 'http', 'wsgi.errors': sys.stderr, 'wsgi.multithread': False, 'wsgi.multiprocess': False,
            'wsgi.run_once': False, 'wsgi.input_terminated': True,
        }
        self._watch(listener.fileno(), READ)

    def _watch(self, fd, mask):
        if self.masks.get(fd) != mask:
            self.masks[fd] = mask
            self._poll.register(fd, mask)

    def _drop(self, fd):
        if self.masks.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def environ(self, connection, head, stream):
        path, _, query = head.target.partition('?')
        if '://' in path[:8]:
            path = '/' + path.split('://', 1)[1].partition('/')[2]
        environ = dict(self._base)
        environ.update({
            'REQUEST_METHOD': head.method, 'PATH_INFO': unquote_to_bytes(path).decode('latin-1') if '%' in path else path, 'QUERY_STRING': query,
            'REQUEST_URI': head.target, 'RAW_URI': head.target, 'SERVER_PROTOCOL': 'HTTP/' + head.version, 'REMOTE_ADDR': connection.address[0],
            'REMOTE_PORT': str(connection.address[1]), 'wsgi.input': stream,
        })
        for name, value in head.headers:
            if '_' in name:
                continue
            key = 'HTTP_' + name.upper().replace('-', '_')
            if key in ('HTTP_CONTENT_LENGTH', 'HTTP_CONTENT_TYPE'):
                environ[key[5:]] = value
            elif key in environ:
                environ[key] += ('; ' if name == 'cookie' else ',') + value
            else:
                environ[key] = value
        return environ

    def may_serve(self):
        return self._nested and 0 < self.depth < wasmrun_servers.DEPTH and threads.held <= self._held

    def open_masks(self):
        """What may be served meanwhile: all but the connections whose requests wait."""
        return {fd: mask for fd, mask in self.masks.items() if fd not in self._busy}

    def serve(self, found):
        self.depth += 1
        before, self._held = self._held, threads.held
        try:
            for fd, events in found:
                if fd == self._listener.fileno():
                    self._accept()
                    continue
                connection = self._connections.get(fd)
                if connection is None or fd in self._busy:
                    continue
                self._busy.add(fd)
                try:
                    stays = connection.serve(events)
                finally:
                    self._busy.discard(fd)
                if stays:
                    self._watch(fd, WRITE if connection.outgoing else READ)
                else:
                    self._close(fd)
        finally:
            self.depth -= 1
            self._held = before

    def _accept(self):
        try:
            sock, address = self._listener.accept()
        except OSError:
            return
        connection = _Connection(self, sock, address)
        self._connections[connection.fd] = connection
        self._watch(connection.fd, READ)

    def _close(self, fd):
        self._drop(fd)
        self._connections.pop(fd).sock.close()

    def _close_idle(self):
        limit = time.monotonic() - _IDLE
        for fd, connection in list(self._connections.items()):
            if connection.seen < limit and fd not in self._busy:
                self._close(fd)

    def run(self):
        if threads.current() != threads.main_ident:
            raise RuntimeError('this thread cannot serve: its code is not there as source, and a wasmrun sandbox has one thread')
        self._begin()
        while True:
            seconds = self._patience()
            self._round(self._poll.poll(seconds and seconds * 1000))

    def run_steps(self):
        """The same in a thread that gives way."""
        self._begin()
        while True:
            self._round((yield threads.Wait(self.masks, self._patience())))

    def _begin(self):
        threads.parks.append(self)
        waiting.scheduler = threads
        self._swept = time.monotonic()

    def _patience(self):
        return 5 if self._connections else None

    def _round(self, found):
        self.serve(found)
        if time.monotonic() - self._swept > 5:
            self._swept = time.monotonic()
            self._close_idle()


wasmrun_green.blocking[Server.run] = Server.run_steps


def serve(application, port, host='0.0.0.0', nested=True, log=None):
    """
    Serves until the program is asked to end. `nested` lets requests be served while another waits; `log` is called after each request with
    its client's address, its head and the status of its answer.
    """
    import socket
    listener = socket.create_server((host, port), family=socket.AF_INET6 if ':' in host else socket.AF_INET, backlog=1024)
    listener.setblocking(False)
    Server(listener, application, nested, log).run()
