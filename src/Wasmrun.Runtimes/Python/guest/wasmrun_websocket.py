"""WebSockets of ASGI applications (RFC 6455), without extensions."""
import asyncio
import base64
import binascii
import collections
import hashlib
import itertools
import struct
import traceback

import wasmrun_http as http

#: The largest message that is taken.
MESSAGE_LIMIT = 1 << 24
#: How much all clients together may have sent that no application has taken yet.
HELD_LIMIT = 1 << 26
#: How much may wait for the application before no more is read.
_AHEAD = 1 << 16
_MESSAGES_AHEAD = 64
#: How long a client has for its half of the goodbye.
_GOODBYE = 2
#: After how many seconds a client is asked whether it is still there, and how many it then has to send anything at all.
PING_INTERVAL, PING_TIMEOUT = 20, 20
#: How many frames of one client are taken before the others have their turn.
_TURN = 64

_MAGIC = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10


class Disconnected(OSError):
    """The application sends to a client that is gone."""


class _Failure(Exception):
    """The client does not keep to the protocol."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def _values(head, name):
    return [part.strip() for key, value in head.headers if key == name for part in value.split(',')]


def is_asked_for(head):
    """Whether a request is to become a WebSocket."""
    return (
        head.method == 'GET' and head.version == '1.1'
        and 'websocket' in map(str.lower, _values(head, 'upgrade')) and 'upgrade' in map(str.lower, _values(head, 'connection')))


def _is_key(keys):
    try:
        return len(keys) == 1 and len(base64.b64decode(keys[0], validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


class Frames:
    """Takes messages apart from the bytes that have come, each piece as soon as it is there."""

    #: What those of all clients hold.
    all_held = 0

    def __init__(self):
        self._held = 0
        self._kind, self._message = None, bytearray()
        self._opcode = None
        self._final, self._left, self._mask, self._at = False, 0, b'', 0
        self._control = bytearray()

    def take(self, buffer):
        """The next message or control frame as its opcode and its content; None when more must come."""
        while True:
            if self._opcode is None and not self._take_head(buffer):
                return None
            part = bytes(buffer[:self._left])
            del buffer[:len(part)]
            if self._opcode >= _CLOSE:
                self._control += self._unmask(part)
            else:
                self._hold(len(part))
                self._message += self._unmask(part)
            self._left -= len(part)
            if self._left:
                return None
            opcode, self._opcode = self._opcode, None
            if opcode >= _CLOSE:
                content, self._control = bytes(self._control), bytearray()
                return opcode, content
            if self._final:
                kind, self._kind = self._kind, None
                content, self._message = bytes(self._message), bytearray()
                return kind, content

    def _hold(self, size):
        self._held += size
        Frames.all_held += size
        if Frames.all_held > HELD_LIMIT:
            raise _Failure(1013)

    def release(self, size=None):
        """Messages of that size have been taken; of any, when there will be no more."""
        size = self._held if size is None else size
        self._held -= size
        Frames.all_held -= size

    def _take_head(self, buffer):
        if len(buffer) < 2:
            return False
        first, second = buffer[0], buffer[1]
        opcode, size, at = first & 15, second & 127, 2
        if first & 0x70 or not second & 0x80 or opcode not in (_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG):
            raise _Failure(1002)
        if opcode >= _CLOSE:
            if size > 125 or not first & 0x80:
                raise _Failure(1002)
        elif (opcode == _CONTINUATION) != (self._kind is not None):
            raise _Failure(1002)
        if size > 125:
            form, least = ('>H', 126) if size == 126 else ('>Q', 1 << 16)
            at += struct.calcsize(form)
            if len(buffer) < at:
                return False
            size, = struct.unpack_from(form, buffer, 2)
            if size < least or size >> 63:
                raise _Failure(1002)
        if opcode < _CLOSE and len(self._message) + size > MESSAGE_LIMIT:
            raise _Failure(1009)
        if len(buffer) < at + 4:
            return False
        self._mask, self._at = bytes(buffer[at:at + 4]), 0
        del buffer[:at + 4]
        self._opcode, self._left = opcode, size
        if opcode < _CLOSE:
            self._final = bool(first & 0x80)
            self._kind = self._kind or opcode
        return True

    def _unmask(self, part):
        size = len(part)
        turn = self._at & 3
        self._at += size
        mask = (self._mask[turn:] + self._mask[:turn]) * (size // 4 + 1)
        return (int.from_bytes(part, 'little') ^ int.from_bytes(mask[:size], 'little')).to_bytes(size, 'little')


def frame(opcode, content):
    """One whole frame of a server."""
    size = len(content)
    if size < 126:
        head = struct.pack('>BB', 0x80 | opcode, size)
    elif size < 1 << 16:
        head = struct.pack('>BBH', 0x80 | opcode, 126, size)
    else:
        head = struct.pack('>BBQ', 0x80 | opcode, 127, size)
    return head + content


def _is_code(code):
    """Whether a client may close with it."""
    return code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014) or 3000 <= code <= 4999


class WebSocket:
    """One WebSocket, from the request for it to the goodbye of both sides."""

    def __init__(self, connection, server, head, arrived, scope):
        self._connection, self._server, self._head, self._arrived, self._scope = connection, server, head, arrived, scope
        self._frames = Frames()
        self._waiting, self._waiting_bytes = collections.deque(), 0
        self._came, self._taken, self._heard = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._accepted = self._connected = self._refused = self._said_goodbye = False
        self._end = None
        self._reader = self._asker = None
        self._is_held_up = False
        self._answer = None

    async def run(self):
        """Serves it to its end, and that of its connection."""
        head = self._head
        if '13' not in _values(head, 'sec-websocket-version'):
            await self._connection.send(http.error_answer(426, b'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'))
            return
        self._keys = _values(head, 'sec-websocket-key')
        if not _is_key(self._keys) or head.chunked or head.length:
            raise http.BadRequest(400)
        self._scope['subprotocols'] = [value for value in _values(head, 'sec-websocket-protocol') if value]
        try:
            code = await self._run_application()
            if self._accepted:
                self._close(code, '')
                await asyncio.wait([self._reader], timeout=_GOODBYE)
            elif not self._refused:
                await self._connection.send(http.error_answer(500))
        finally:
            if self._reader is not None:
                self._reader.cancel()
                self._asker.cancel()
            self._frames.release()

    async def _run_application(self):
        """The code to close with."""
        try:
            await self._server.application(self._scope, self._receive, self._send)
        except Disconnected:
            pass
        except Exception:
            traceback.print_exc()
            return 1011
        return 1000

    async def go_away(self):
        """Tells both sides that the server ends."""
        if self._accepted:
            self._close(1012, '')
        self._tell_end(1012, '')

    async def _receive(self):
        if not self._connected:
            self._connected = True
            return {'type': 'websocket.connect'}
        while not self._waiting:
            if self._end is not None:
                return {'type': 'websocket.disconnect', 'code': self._end[0], 'reason': self._end[1]}
            self._came.clear()
            if self._reader is None and not await self._still_there():
                self._tell_end(1006, '')
                continue
            await self._came.wait()
        kind, content = self._waiting.popleft()
        self._waiting_bytes -= len(content)
        self._frames.release(len(content))
        self._taken.set()
        if kind == _TEXT:
            return {'type': 'websocket.receive', 'text': content.decode(), 'bytes': None}
        return {'type': 'websocket.receive', 'text': None, 'bytes': content}

    async def _still_there(self):
        """An application that waits before it accepts learns that the client is gone, and nothing else."""
        while not self._came.is_set() and len(self._arrived) <= http.HEAD_LIMIT:
            if not await self._connection.wait_for_more():
                return False
        return True

    async def _send(self, message):
        kind = message['type']
        if self._end is not None or self._connection.is_lost():
            raise Disconnected('the client is gone')
        if self._refused or self._said_goodbye:
            raise RuntimeError('%s was sent after the end' % kind)
        if not self._accepted:
            if kind == 'websocket.accept':
                await self._accept(message)
            elif kind == 'websocket.close':
                self._refused = True
                await self._connection.send(http.error_answer(403))
            elif kind == 'websocket.http.response.start':
                self._answer = message
                self._answer_body = b''
            elif kind == 'websocket.http.response.body' and self._answer is not None:
                await self._answer_with(message)
            else:
                raise RuntimeError('%s was sent before websocket.accept' % kind)
        elif kind == 'websocket.send':
            text = message.get('text')
            await self._connection.send(frame(_TEXT, text.encode()) if text is not None else frame(_BINARY, bytes(message['bytes'])))
        elif kind == 'websocket.close':
            self._close(message.get('code', 1000) or 1000, message.get('reason') or '')
        else:
            raise RuntimeError('the server does not know the message %r here' % kind)

    async def _accept(self, message):
        digest = base64.b64encode(hashlib.sha1(self._keys[0].encode() + _MAGIC).digest())
        lines = [b'HTTP/1.1 101 Switching Protocols', b'Upgrade: websocket', b'Connection: Upgrade', b'Sec-WebSocket-Accept: ' + digest]
        protocol = message.get('subprotocol')
        headers = list(message.get('headers') or ())
        if protocol is not None:
            headers.append((b'Sec-WebSocket-Protocol', protocol.encode('latin-1')))
        lines += [http.header_line(name, value) for name, value in headers]
        self._accepted = True
        await self._connection.send(b'\r\n'.join(lines) + b'\r\n' + http.date() + b'\r\n')
        self._reader = asyncio.get_running_loop().create_task(self._read())
        self._asker = asyncio.get_running_loop().create_task(self._ask())
        self._came.set()

    async def _answer_with(self, message):
        """The application answers without a WebSocket."""
        self._answer_body += message.get('body', b'')
        if message.get('more_body', False):
            return
        self._refused = True
        status = self._answer['status']
        lines = [('HTTP/1.1 %d %s' % (status, http.reason(status))).encode()]
        left_out = (b'content-length', b'transfer-encoding', b'connection')
        lines += [http.header_line(name, value) for name, value in self._answer.get('headers', ()) if bytes(name).lower() not in left_out]
        lines += [b'Content-Length: %d' % len(self._answer_body), b'Connection: close']
        await self._connection.send(b'\r\n'.join(lines) + b'\r\n\r\n' + self._answer_body)

    async def _read(self):
        """Takes what the client sends, whether the application asks for it or not."""
        try:
            for count in itertools.count(1):
                taken = self._frames.take(self._arrived)
                if taken is None:
                    if not await self._connection.wait_for_more():
                        break
                    self._heard.set()
                elif taken[0] == _CLOSE:
                    code, reason = self._understand_close(taken[1])
                    self._close(code, '')
                    self._tell_end(code, reason)
                    # Both have said goodbye; the application may take its time.
                    self._connection.end()
                    break
                elif taken[0] == _PING:
                    await self._connection.send(frame(_PONG, taken[1]))
                elif taken[0] != _PONG:
                    await self._keep(*taken)
                if count % _TURN == 0:
                    await asyncio.sleep(0)
        except _Failure as failure:
            self._close(failure.code, '')
            self._tell_end(failure.code, '')
            await self._discard()
        finally:
            self._tell_end(1006, '')

    async def _ask(self):
        """Leaves a client that is gone without a word: it is asked now and then, and whatever it sends is an answer."""
        while True:
            await asyncio.sleep(PING_INTERVAL)
            if self._said_goodbye:
                return
            self._heard.clear()
            self._connection.write(frame(_PING, b''))
            try:
                await asyncio.wait_for(self._heard.wait(), PING_TIMEOUT)
            except TimeoutError:
                # While the application takes nothing, nobody reads what the client answers.
                if not self._is_held_up:
                    self._close(1011, 'keepalive ping timeout')
                    self._tell_end(1006, 'keepalive ping timeout')
                    return

    async def _discard(self):
        """Who still sends would be told nothing but a reset if nobody read it, and would not come to read why."""
        self._connection.end_writing()
        self._arrived.clear()
        while await self._connection.wait_for_more():
            self._arrived.clear()

    async def _keep(self, kind, content):
        if kind == _TEXT:
            try:
                content.decode()
            except UnicodeDecodeError:
                raise _Failure(1007) from None
        while self._waiting and not self._said_goodbye and (self._waiting_bytes + len(content) > _AHEAD or len(self._waiting) >= _MESSAGES_AHEAD):
            self._taken.clear()
            self._is_held_up = True
            await self._taken.wait()
        self._is_held_up = False
        if self._said_goodbye:
            self._frames.release(len(content))
            return
        self._waiting.append((kind, content))
        self._waiting_bytes += len(content)
        self._came.set()

    @staticmethod
    def _understand_close(content):
        if not content:
            return 1005, ''
        if len(content) < 2:
            raise _Failure(1002)
        code, = struct.unpack_from('>H', content)
        if not _is_code(code):
            raise _Failure(1002)
        try:
            return code, content[2:].decode()
        except UnicodeDecodeError:
            raise _Failure(1007) from None

    def _close(self, code, reason):
        """Says goodbye, once, and waits for nobody: a client that takes nothing has until the connection is ended."""
        if self._said_goodbye:
            return
        self._said_goodbye = True
        self._taken.set()
        content = b'' if code == 1005 else struct.pack('>H', code) + reason.encode()[:123].decode('utf-8', 'ignore').encode()
        self._connection.write(frame(_CLOSE, content))
        asyncio.get_running_loop().call_later(_GOODBYE, self._connection.end)

    def _tell_end(self, code, reason):
        self._end = self._end or (code, reason)
        self._came.set()
        self._taken.set()
