"""HTTP/1.1 as both servers of applications need it: requests from bytes, heads of answers to bytes."""
import re
import time

HEAD_LIMIT = 1 << 16
#: A body up to this size is received before the application is called, so that a slow client holds up nobody.
GATHERED = 1 << 20

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REASONS = {}


class BadRequest(Exception):
    """A request that gets this status and then the end of its connection."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Head:
    """The head of a request."""

    __slots__ = ('method', 'target', 'version', 'headers', 'length', 'chunked', 'keep_alive', 'expects')


def take_head(buffer):
    """Takes a head off the buffer; None when it is not there yet."""
    end = buffer.find(b'\r\n\r\n')
    if end < 0:
        if len(buffer) > HEAD_LIMIT:
            raise BadRequest(431)
        return None
    if end > HEAD_LIMIT:
        raise BadRequest(431)
    lines = buffer[:end].decode('latin-1').split('\r\n')
    del buffer[:end + 4]
    return _parse(lines)


def _parse(lines):
    head = Head()
    first = lines[0].split(' ')
    if len(first) != 3 or not _TOKEN.fullmatch(first[0]) or not first[1]:
        raise BadRequest(400)
    head.method, head.target, version = first
    if version not in ('HTTP/1.1', 'HTTP/1.0'):
        raise BadRequest(505 if version.startswith('HTTP/') else 400)
    head.version = version[5:]
    head.headers = headers = []
    length, coding, connection, host, head.expects = None, None, '', False, False
    for line in lines[1:]:
        name, colon, value = line.partition(':')
        if not colon or not _TOKEN.fullmatch(name) or '\n' in value or '\r' in value or '\0' in value:
            raise BadRequest(400)
        name, value = name.lower(), value.strip(' \t')
        headers.append((name, value))
        if name == 'content-length':
            if not value.isascii() or not value.isdigit() or length not in (None, value):
                raise BadRequest(400)
            length = value
        elif name == 'transfer-encoding':
            coding = value.lower() if coding is None else 'several'
        elif name == 'connection':
            connection += ',' + value.lower()
        elif name == 'host':
            host = True
        elif name == 'expect':
            head.expects = value.lower() == '100-continue'
    if coding not in (None, 'chunked'):
        raise BadRequest(501)
    if coding is not None and (length is not None or version == 'HTTP/1.0') or not host and version == 'HTTP/1.1':
        raise BadRequest(400)
    head.chunked = coding is not None
    head.length = None if head.chunked else int(length or 0)
    head.keep_alive = 'close' not in connection if version == 'HTTP/1.1' else 'keep-alive' in connection
    return head


class Chunks:
    """Decodes a chunked body from the buffer that it comes in."""

    def __init__(self):
        self.ended, self._left, self._trailers = False, 0, False

    def take(self, buffer):
        """The data at the beginning of the buffer; empty when more must come or the body has ended."""
        data = bytearray()
        while not self.ended:
            if self._left > 2:
                part = buffer[:self._left - 2]
                if not part:
                    break
                data += part
                del buffer[:len(part)]
                self._left -= len(part)
            elif self._left:
                if len(buffer) < 2:
                    break
                if buffer[:2] != b'\r\n':
                    raise BadRequest(400)
                del buffer[:2]
                self._left = 0
            else:
                end = buffer.find(b'\r\n')
                if end < 0:
                    if len(buffer) > HEAD_LIMIT:
                        raise BadRequest(400)
                    break
                line = bytes(buffer[:end])
                del buffer[:end + 2]
                self._line(line)
        return bytes(data)

    def _line(self, line):
        if self._trailers:
            self.ended = not line
            return
        size = line.partition(b';')[0].strip()
        if not re.fullmatch(rb'[0-9a-fA-F]{1,15}', size):
            raise BadRequest(400)
        self._left = int(size, 16)
        if self._left:
            self._left += 2
        else:
            self._trailers = True


def has_body(method, status):
    return method != 'HEAD' and status >= 200 and status not in (204, 304)


def reason(status):
    if not _REASONS:
        import http
        _REASONS.update((one.value, one.phrase) for one in http.HTTPStatus)
    return _REASONS.get(status, 'Unknown')


def header_line(name, value):
    """A line of a head; what would end it is refused."""
    if b'\n' in value or b'\r' in value or b'\n' in name or b'\r' in name:
        raise ValueError('a header with a line end: %r' % name)
    return b'%s: %s' % (name, value)


def error_answer(status, headers=b''):
    text = ('%d %s' % (status, reason(status))).encode()
    return b'HTTP/1.1 %s\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s%s\r\n%s' % (text, len(text), headers, date(), text)


_date = (0, b'')


def date():
    """The header, which changes once a second."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        week, month = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'), ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')
        at = time.gmtime(now)
        text = 'Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n' % (week[at[6]], at[2], month[at[1] - 1], at[0], at[3], at[4], at[5])
        _date = (now, text.encode())
    return _date[1]
