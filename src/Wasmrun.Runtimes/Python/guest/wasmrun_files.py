"""Files of sockets in threads that give way: reading from one waits for its socket, and others go on meanwhile."""
import io
import weakref

#: The sockets of files, as `makefile` has made them.
_sockets = weakref.WeakKeyDictionary()


def remember(file, sock):
    """A file of a socket has been made."""
    if isinstance(file, (io.BufferedReader, io.BufferedRWPair)):
        _sockets[file] = sock
    return file


def is_stream(file):
    return isinstance(file, (io.BufferedReader, io.BufferedRWPair)) and file in _sockets


def steps_of(file, name):
    """The method of a file as a generator; None if it is to be called as it is."""
    steps = _STEPS.get(name)
    if steps is None or not is_stream(file):
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
