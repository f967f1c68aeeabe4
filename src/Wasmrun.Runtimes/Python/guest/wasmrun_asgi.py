"""Serves an ASGI application over HTTP/1.1 with keep-alive, on asyncio, and tells it when the service begins and ends."""
import asyncio
import signal
import sys
import traceback
from urllib.parse import unquote_to_bytes

import wasmrun_http as http
import wasmrun_signal
import wasmrun_websocket as websocket

#: How much of a body may have come that nobody has asked for yet.
_AHEAD = 1 << 16
#: How long WebSockets have to end when the service does.
_GOODBYE = 1
#: How long a client has for the rest of what it was sent, when its connection ends.
_LAST = 30
#: How long a connection stays on which nothing is asked.
_IDLE = 75
_VERSION = {'version': '3.0', 'spec_version': '2.3'}
#: From this version on, what is sent to nobody is an OSError.
_WEBSOCKET_VERSION = {'version': '3.0', 'spec_version': '2.4'}


class _Connection(asyncio.Protocol):
    """One client. Its requests are answered one after the other by one task."""

    def __init__(self, server):
        self._server, self._arrived = server, bytearray()
        self._transport = self._task = None
        self._more, self._writable = asyncio.Event(), asyncio.Event()
        self._writable.set()
        self._ended = False

    def connection_made(self, transport):
        self._transport = transport
        self._task = asyncio.get_running_loop().create_task(self._serve())
        self._server.tasks.add(self._task)
        self._task.add_done_callback(self._server.tasks.discard)

    def data_received(self, data):
        self._arrived += data
        if len(self._arrived) > http.HEAD_LIMIT + _AHEAD:
            self._transport.pause_reading()
        self._more.set()

    def eof_received(self):
        self._ended = True
        self._more.set()
        return True

    def connection_lost(self, error):
        self._ended = True
        self._more.set()
        self._writable.set()
        self._transport = None

    def pause_writing(self):
        self._writable.clear()

    def resume_writing(self):
        self._writable.set()

    async def wait_for_more(self):
        """Waits until more has come; false at the end."""
        if self._ended:
            return False
        self._more.clear()
        if self._transport is not None:
            self._transport.resume_reading()
        await self._more.wait()
        return not self._ended or bool(self._arrived)

    def write(self, data):
        if self._transport is not None:
            self._transport.write(data)

    async def send(self, data):
        self.write(data)
        if not self._writable.is_set():
            await self._writable.wait()

    def end_writing(self):
        """Tells the client that nothing more comes; what it still sends is taken."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def end(self):
        """Ends the connection when all is sent; a client that takes nothing does not keep it."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
            asyncio.get_running_loop().call_later(_LAST, self._transport.abort)

    def is_lost(self):
        return self._transport is None

    async def _serve(self):
        try:
            keeps = True
            while keeps:
                head = http.take_head(self._arrived) or await self._wait_for_head()
                if head is None:
                    return
                if websocket.is_asked_for(head):
                    await self._serve_websocket(head)
                    return
                keeps = await _Exchange(self, self._server, head, self._arrived).run()
        except http.BadRequest as error:
            await self.send(http.error_answer(error.status))
        finally:
            self.end()

    async def _wait_for_head(self):
        """The next head; None when there will be none."""
        patience = asyncio.get_running_loop().call_later(_IDLE, self.end)
        try:
            while await self.wait_for_more():
                head = http.take_head(self._arrived)
                if head is not None:
                    return head
        finally:
            patience.cancel()
        return None

    async def _serve_websocket(self, head):
        scope = self.scope(head, 'websocket', 'ws', {'websocket.http.response': {}})
        del scope['method']
        scope['asgi'] = _WEBSOCKET_VERSION
        socket = websocket.WebSocket(self, self._server, head, self._arrived, scope)
        self._server.websockets[self._task] = socket
        try:
            await socket.run()
        finally:
            del self._server.websockets[self._task]

    def scope(self, head, kind, scheme, extensions):
        """What an application is told of a request."""
        path, _, query = head.target.partition('?')
        client, server = (self._transport and self._transport.get_extra_info(name) for name in ('peername', 'sockname'))
        return {
            'type': kind, 'asgi': _VERSION, 'http_version': head.version, 'method': head.method, 'scheme': scheme,
            'path': unquote_to_bytes(path).decode('utf-8', 'replace') if '%' in path else path, 'raw_path': path.encode('latin-1'),
            'query_string': query.encode('latin-1'), 'root_path': '', 'extensions': extensions,
            'client': client and tuple(client[:2]), 'server': server and tuple(server[:2]),
            'headers': [(name.encode('latin-1'), value.encode('latin-1')) for name, value in head.headers],
            'state': dict(self._server.state),
        }


class _Exchange:
    """One request and its answer."""

    def __init__(self, connection, server, head, arrived):
        self._connection, self._server, self._head, self._arrived = connection, server, head, arrived
        self._chunks = http.Chunks() if head.chunked else None
        self._left = head.length
        self._expects = head.expects
        self._asked_all = self._started = self._finished = self._chunked = False
        self._silent = False
        self._keeps = head.keep_alive
        self._start = None

    async def run(self):
        """Answers; true when the connection may go on."""
        scope = self._connection.scope(self._head, 'http', 'http', {})
        try:
            await self._server.application(scope, self._receive, self._send)
            if not self._finished:
                raise RuntimeError('the application has returned without a whole answer')
        except http.BadRequest:
            raise
        except Exception:
            if not self._connection.is_lost():
                traceback.print_exc()
            if not self._started:
                await self._connection.send(http.error_answer(500))
            return False
        return self._keeps and self._body_ended()

    def _body_ended(self):
        return self._chunks.ended if self._chunks else self._left == 0

    async def _receive(self):
        if self._asked_all:
            while not self._finished and not self._connection.is_lost():
                # Whatever comes now belongs to the next request; only the end is told.
                if not await self._connection.wait_for_more():
                    break
                await asyncio.sleep(0.05)
            return {'type': 'http.disconnect'}
        if self._expects:
            self._expects = False
            await self._connection.send(b'HTTP/1.1 100 Continue\r\n\r\n')
        while True:
            data = self._take()
            if data or self._body_ended():
                self._asked_all = self._body_ended()
                return {'type': 'http.request', 'body': data, 'more_body': not self._asked_all}
            if not await self._connection.wait_for_more():
                self._asked_all, self._keeps = True, False
                return {'type': 'http.disconnect'}

    def _take(self):
        if self._chunks is not None:
            return self._chunks.take(self._arrived)
        data = bytes(self._arrived[:self._left])
        del self._arrived[:len(data)]
        self._left -= len(data)
        return data

    async def _send(self, message):
        kind = message['type']
        if kind == 'http.response.start':
            if self._start is not None:
                raise RuntimeError('http.response.start was sent twice')
            self._start = message
        elif kind == 'http.response.body':
            if self._start is None or self._finished:
                raise RuntimeError('http.response.body was sent at a wrong time')
            body, more = message.get('body', b''), message.get('more_body', False)
            self._finished = not more
            await self._connection.send(self._framed(body, more))
        else:
            raise RuntimeError('the server does not know the message %r' % kind)

    def _framed(self, body, more):
        text = b'' if self._started else self._begin(len(body) if not more else None)
        if self._silent:
            return text
        if not self._chunked:
            return text + body
        if body:
            text += b'%x\r\n%s\r\n' % (len(body), body)
        return text if more else text + b'0\r\n\r\n'

    def _begin(self, size):
        self._started = True
        status = self._start['status']
        lines = [('HTTP/1.1 %d %s' % (status, http.reason(status))).encode()]
        known = dated = False
        for name, value in self._start.get('headers', ()):
            lower = bytes(name).lower()
            known, dated = known or lower == b'content-length', dated or lower == b'date'
            if lower == b'transfer-encoding':
                continue
            if lower == b'connection' and b'close' in bytes(value).lower():
                self._keeps = False
            lines.append(http.header_line(name, value))
        self._silent = not http.has_body(self._head.method, status)
        if not self._silent and not known:
            if size is not None:
                lines.append(b'Content-Length: %d' % size)
            elif self._head.version == '1.1':
                lines.append(b'Transfer-Encoding: chunked')
                self._chunked = True
            else:
                self._keeps = False
        if not self._keeps:
            lines.append(b'Connection: close')
        elif self._head.version == '1.0':
            lines.append(b'Connection: keep-alive')
        return b'\r\n'.join(lines) + b'\r\n' + (b'' if dated else http.date()) + b'\r\n'


class _Lifespan:
    """Tells the application that the service begins and ends, if it wants to know."""

    def __init__(self, application, state):
        self._application, self._state = application, state
        self._told, self._answers = asyncio.Queue(), asyncio.Queue()
        self._task = None

    async def _run(self):
        try:
            await self._application({'type': 'lifespan', 'asgi': _VERSION, 'state': self._state}, self._told.get, self._answers.put)
        except Exception:
            # An application that does not know of this raises before it answers.
            pass
        finally:
            await self._answers.put({'type': 'ended'})

    async def _tell(self, what):
        await self._told.put({'type': 'lifespan.' + what})
        answer = await self._answers.get()
        if answer['type'] == 'lifespan.%s.failed' % what:
            sys.exit('the application failed at its %s: %s' % (what, answer.get('message', '')))

    async def startup(self):
        self._task = asyncio.get_running_loop().create_task(self._run())
        await self._tell('startup')

    async def shutdown(self):
        if not self._task.done():
            await self._tell('shutdown')
            self._task.cancel()


class _Server:
    def __init__(self, application):
        self.application, self.state, self.tasks, self.websockets = application, {}, set(), {}

    async def run(self, port):
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        lifespan = _Lifespan(self.application, self.state)
        await lifespan.startup()
        listener = await loop.create_server(lambda: _Connection(self), '0.0.0.0', port, backlog=1024)
        await ended.wait()
        listener.close()
        await self._leave_websockets()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await lifespan.shutdown()


    async def _leave_websockets(self):
        """Lets applications say goodbye; a client that takes no more holds nobody up."""
        if self.websockets:
            sockets = dict(self.websockets)
            goodbyes = [asyncio.create_task(socket.go_away()) for socket in sockets.values()]
            _, late = await asyncio.wait([*sockets, *goodbyes], timeout=_GOODBYE)
            for task in late:
                task.cancel()


def serve(application, port):
    asyncio.run(_Server(application).run(port))
    raise SystemExit(wasmrun_signal.EXIT_CODE)
