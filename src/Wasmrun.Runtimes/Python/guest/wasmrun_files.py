"""Files of sockets in threads that give way: reading from one waits for its socket, and others go on meanwhile."""
import codecs
import io
import weakref

#: The sockets of files, as `makefile` has made them.
_sockets = weakref.WeakKeyDictionary()


class SocketText(io.TextIOWrapper):
    """A text file of a socket that takes no more from below than it gives, so that whoever waits for its socket waits for what it lacks."""

    def __init__(self, buffer, encoding, errors, newline):
        super().__init__(buffer, encoding, errors, newline)
        self._text = ''
        decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._decode = io.IncrementalNewlineDecoder(decoder, translate=newline is None).decode

    def readline(self, size=-1):
        if '\n' not in self._text:
            data = self.buffer.readline()
            self._text += self._decode(data, not data)
        end = self._text.find('\n') + 1 or len(self._text)
        return self._take(end if size is None or size < 0 else min(size, end))

    def read(self, size=-1):
        if size is None or size < 0:
            self._text += self._decode(self.buffer.read(), True)
            return self._take(len(self._text))
        while len(self._text) < size:
            data = self.buffer.read1(size - len(self._text))
            self._text += self._decode(data, not data)
            if not data:
                break
        return self._take(size)

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def readlines(self, hint=-1):
        return list(self)

    def _take(self, size):
        taken, self._text = self._text[:size], self._text[size:]
        return taken


def remember(file, sock, newline=None):
    """A file of a socket has been made; the one to use instead."""
    if isinstance(file, (io.BufferedReader, io.BufferedRWPair)):
        _sockets[file] = sock
    elif isinstance(file, io.TextIOWrapper) and file.readable() and newline in (None, '\n') and '\n'.encode(file.encoding) == b'\n':
        mode, encoding, errors = file.mode, file.encoding, file.errors
        file = SocketText(file.detach(), encoding, errors, newline)
        file.mode = mode
        remember(file.buffer, sock)
    return file


def is_stream(file):
    return isinstance(file, SocketText) or isinstance(file, (io.BufferedReader, io.BufferedRWPair)) and file in _sockets


def steps_of(file, name):
    """The method of a file as a generator; None if it is to be called as it is."""
    steps = _STEPS.get(name)
    if steps is None or isinstance(file, SocketText) or not is_stream(file):
        return None
    return lambda *arguments: steps(file, *arguments)


def _at_once(file, sock):
    """What has come, without waiting for more."""
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        return file.peek(1)
    finally:
        sock.settimeout(timeout)


def _peek(file):
    """Waits until there is something, which stays there; empty at the end."""
    from wasmrun_blocking import readable
    sock = _sockets[file]
    data = _at_once(file, sock)
    if data or sock.gettimeout() == 0:
        return data
    if not (yield from readable(sock.fileno(), sock.gettimeout())):
        raise TimeoutError('timed out')
    return _at_once(file, sock)


def _pieces(file, size, ends):
    """Reads until there is enough, the end comes, or a piece ends it."""
    parts, left = [], size
    while left != 0:
        data = yield from _peek(file)
        if not data:
            break
        part = file.read(min(ends(data), len(data) if left < 0 else left))
        parts.append(part)
        left -= len(part) if left > 0 else 0
        if ends is _line and part.endswith(b'\n'):
            break
    return b''.join(parts)


def _line(data):
    return data.find(b'\n') + 1 or len(data)


def _readline(file, size=-1):
    return (yield from _pieces(file, -1 if size is None else size, _line))


def _read(file, size=-1):
    return (yield from _pieces(file, -1 if size is None else size, len))


def _read1(file, size=-1):
    data = yield from _peek(file)
    return file.read(len(data) if size < 0 else min(size, len(data)))


def _readinto(file, buffer):
    view = memoryview(buffer).cast('B')
    data = yield from _read(file, len(view))
    view[:len(data)] = data
    return len(data)


_STEPS = {'readline': _readline, 'read': _read, 'read1': _read1, 'readinto': _readinto}
