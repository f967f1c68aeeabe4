"""The socket class, on device files."""
import _socket
import errno
import os
import select
import socket
import struct

import wasmrun_device as device
import wasmrun_files
import wasmrun_wait as waiting
from wasmrun_wait import READ, WRITE

_HEADER = 64
_CONSTANTS = {
    'SOCK_DGRAM': 5, 'SOCK_STREAM': 6, 'SOL_SOCKET': 0x7FFFFFFF, 'SO_REUSEADDR': 2, 'SO_TYPE': 3, 'SO_ERROR': 4, 'SO_BROADCAST': 6,
    'SO_SNDBUF': 7, 'SO_RCVBUF': 8, 'SO_KEEPALIVE': 9, 'SO_LINGER': 13, 'IPPROTO_IP': 0, 'TCP_NODELAY': 1, 'IPV6_V6ONLY': 26,
    'TCP_KEEPIDLE': 4, 'TCP_KEEPINTVL': 5, 'TCP_KEEPCNT': 6, 'MSG_PEEK': 1, 'MSG_WAITALL': 2, 'MSG_DONTWAIT': 0x40, 'MSG_NOSIGNAL': 0x4000,
    'MSG_OOB': 4, 'IPPROTO_TCP': 6, 'IPPROTO_UDP': 17, 'IPPROTO_IPV6': 41, 'SOMAXCONN': 128, 'SHUT_RD': 1, 'SHUT_WR': 2, 'SHUT_RDWR': 3,
}
_HOW = {1: 'read', 2: 'write', 3: 'both'}

#: Whether the program has ever listened; a server of its own makes ours unnecessary.
listened = False


#: The names of the options that a sandbox has, by level and number.
_options = {}
_OPTIONS = {
    'nodelay': ('IPPROTO_TCP', 'TCP_NODELAY'), 'keepalive_idle': ('IPPROTO_TCP', 'TCP_KEEPIDLE'),
    'keepalive_interval': ('IPPROTO_TCP', 'TCP_KEEPINTVL'), 'keepalive_count': ('IPPROTO_TCP', 'TCP_KEEPCNT'),
    'keepalive': ('SOL_SOCKET', 'SO_KEEPALIVE'), 'receive_buffer': ('SOL_SOCKET', 'SO_RCVBUF'), 'send_buffer': ('SOL_SOCKET', 'SO_SNDBUF'),
    'reuse_address': ('SOL_SOCKET', 'SO_REUSEADDR'), 'broadcast': ('SOL_SOCKET', 'SO_BROADCAST'), 'linger': ('SOL_SOCKET', 'SO_LINGER'),
    'only_v6': ('IPPROTO_IPV6', 'IPV6_V6ONLY'),
}


def _pair(text):
    host, _, port = text.partition(' ')
    return (host, int(port), 0, 0) if ':' in host else (host, int(port))


def _packed(data):
    return data if isinstance(data, (bytes, bytearray)) else memoryview(data).cast('B')


def _make_class(base):
    class Socket(base):
        """A socket whose descriptor is a device file that never blocks; its time-out is kept here."""

        def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
            family = socket.AF_INET if family == -1 else family
            type = socket.SOCK_STREAM if type == -1 else type
            if fileno is None:
                flags = type & (socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
                type ^= flags
                if family not in (socket.AF_INET, socket.AF_INET6) or type not in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    raise OSError(errno.EAFNOSUPPORT, 'a wasmrun sandbox has TCP and UDP over IPv4 and IPv6, nothing else')
                kind = ('udp' if type == socket.SOCK_DGRAM else 'tcp') + ('6' if family == socket.AF_INET6 else '')
                fileno = device.open_new(kind + '/new')
            elif fileno < 0:
                raise ValueError('negative file descriptor')
            self._kept = (family, type)
            self._datagrams = -1
            self._timeout = None
            self._place = device.folder(fileno)
            super().__init__(family, type, 0 if proto == -1 else proto, fileno)
            self.settimeout(socket.getdefaulttimeout())

        family = property(lambda self: socket.AddressFamily(self._kept[0]))
        type = property(lambda self: socket.SocketKind(self._kept[1]))
        timeout = property(lambda self: self._timeout)

        def settimeout(self, seconds):
            if seconds is not None:
                seconds = float(seconds)
                if seconds < 0:
                    raise ValueError('Timeout value out of range')
            self._timeout = seconds

        def gettimeout(self):
            return self._timeout

        def setblocking(self, blocking):
            self._timeout = None if blocking else 0.0

        def getblocking(self):
            return self._timeout != 0

        def _block(self, event):
            """Waits until it is worth trying again what would have blocked."""
            if self._timeout == 0:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            if not waiting.wait_for(self.fileno(), event, waiting.deadline_of(self._timeout)):
                raise TimeoutError('timed out') from None

        def _again(self, event, call, *arguments):
            while True:
                try:
                    return call(*arguments)
                except BlockingIOError:
                    pass
                self._block(event)

        def _check_open(self):
            if self.fileno() < 0:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))

        def _tell(self, *words):
            self._check_open()
            device.command(self._place, *words)

        def _ask(self, name):
            self._check_open()
            return device.read_text(self._place + name)

        def _open(self, name):
            self._check_open()
            return os.open(self._place + name, device.READ_WRITE)

        def bind(self, address):
            host, port = self._target(address)
            self._tell('bind', host or '*', port)

        def listen(self, backlog=128):
            global listened
            if not listened:
                import wasmrun_image
                wasmrun_image.remember()
            self._tell('listen', max(backlog, 1))
            listened = True

        def _target(self, address):
            if not isinstance(address, (tuple, list)) or len(address) not in (2, 3, 4):
                raise TypeError('an address must be a tuple (host, port), not %s' % type(address).__name__)
            host, port = address[0], address[1]
            if isinstance(host, (bytes, bytearray)):
                host = host.decode('idna')
            if not isinstance(host, str) or not isinstance(port, int):
                raise TypeError('an address is a text and a number, not %r' % (address,))
            if not 0 <= port <= 65535:
                raise OverflowError('port must be 0-65535.')
            return ('*' if host == '<any>' else host), port

        def connect(self, address):
            host, port = self._target(address)
            try:
                self._tell('connect', host or '0.0.0.0', port)
                return
            except OSError as error:
                if error.errno == errno.ENOENT:
                    raise socket.gaierror(socket.EAI_NONAME, 'Name or service not known') from None
                if error.errno != errno.EINPROGRESS or self._timeout == 0:
                    raise
            self._block(WRITE)
            code = self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, os.strerror(code))

        def connect_ex(self, address):
            try:
                self.connect(address)
                return 0
            except TimeoutError:
                return errno.EAGAIN
            except OSError as error:
                if error.errno is None or error.errno < 0:
                    raise
                return error.errno

        def accept(self):
            accepted = Socket(*self._kept, fileno=self._again(READ, self._open, 'accept'))
            try:
                return accepted, accepted.getpeername()
            except OSError:
                return accepted, ('', 0)

        def getsockname(self):
            return self._name('local')

        def getpeername(self):
            return self._name('peer')

        def _name(self, which):
            # A pair has no addresses.
            name = _pair(self._ask(which) or '0.0.0.0 0')
            return ('::', name[1], 0, 0) if self._kept[0] == socket.AF_INET6 and name[0] == '0.0.0.0' else name

        def setsockopt(self, level, option, value, *rest):
            name = _options.get((level, option))
            if name is None:
                raise OSError(errno.ENOPROTOOPT, 'a wasmrun sandbox does not have this socket option')
            if not isinstance(value, int):
                numbers = struct.unpack('%di' % (len(value) // 4), value)
                # The structure of linger: whether, and for how long.
                value = (numbers[1] if numbers[0] else -1) if name == 'linger' and len(numbers) == 2 else numbers[0]
            self._tell('option', name, int(value))

        def getsockopt(self, level, option, length=0):
            if (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR):
                value = int(self._ask('error') or 0)
            elif (level, option) == (socket.SOL_SOCKET, socket.SO_TYPE):
                value = int(self._kept[1])
            else:
                name = _options.get((level, option))
                if name is None:
                    raise OSError(errno.ENOPROTOOPT, 'a wasmrun sandbox does not have this socket option')
                value = int(self._ask('options/' + name))
                if name == 'linger':
                    return struct.pack('ii', value >= 0, max(value, 0)) if length else max(value, 0)
            return struct.pack('i', value)[:length] if length else value

        def recv(self, size, flags=0):
            if flags:
                return self._recv_flagged(size, flags)
            if size < 0:
                raise ValueError('negative buffersize in recv')
            while True:
                try:
                    return os.read(self.fileno(), size)
                except BlockingIOError:
                    pass
                self._block(READ)

        def _recv_flagged(self, size, flags):
            if flags & socket.MSG_DONTWAIT and not waiting.poll_once({self.fileno(): READ}, 0):
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            if flags & socket.MSG_PEEK:
                peek = self._open('peek')
                try:
                    return self._again(READ, os.read, peek, size)
                finally:
                    os.close(peek)
            data = self.recv(size)
            while flags & socket.MSG_WAITALL and data and len(data) < size:
                more = self.recv(size - len(data))
                if not more:
                    break
                data += more
            return data

        def recv_into(self, buffer, nbytes=0, flags=0):
            view = memoryview(buffer)
            if view.format != 'B' or view.ndim != 1:
                view = view.cast('B')
            if nbytes and nbytes < len(view):
                view = view[:nbytes]
            if flags:
                data = self._recv_flagged(len(view), flags)
                view[:len(data)] = data
                return len(data)
            while True:
                try:
                    return os.readv(self.fileno(), [view])
                except BlockingIOError:
                    pass
                self._block(READ)

        def send(self, data, flags=0):
            data = _packed(data)
            while True:
                try:
                    return os.write(self.fileno(), data)
                except BlockingIOError:
                    pass
                self._block(WRITE)

        def sendall(self, data, flags=0):
            data = _packed(data)
            sent = self.send(data)
            if sent == len(data):
                return
            deadline = waiting.deadline_of(self._timeout)
            rest = memoryview(data)[sent:]
            while len(rest):
                if self._timeout != 0 and not waiting.wait_for(self.fileno(), WRITE, deadline):
                    raise TimeoutError('timed out')
                rest = rest[self.send(rest):]

        def sendmsg(self, buffers, ancdata=(), flags=0, address=None):
            if list(ancdata):
                raise OSError(errno.ENOTSUP, 'a wasmrun sandbox passes no ancillary data')
            data = b''.join(buffers)
            return self.send(data) if address is None else self.sendto(data, address)

        def recvmsg(self, bufsize, ancbufsize=0, flags=0):
            data, address = self.recvfrom(bufsize, flags)
            return data, [], 0, address

        def _datagram_file(self):
            if self._datagrams < 0:
                self._datagrams = self._open('datagrams')
            return self._datagrams

        def recvfrom(self, size, flags=0):
            if self._kept[1] != socket.SOCK_DGRAM:
                return self.recv(size, flags), None
            if flags & socket.MSG_PEEK:
                peek = self._open('peek-datagrams')
                try:
                    data = self._again(READ, os.read, peek, _HEADER + size)
                finally:
                    os.close(peek)
            else:
                data = self._again(READ, os.read, self._datagram_file(), _HEADER + size)
            words = data[:_HEADER].decode().split()
            return data[_HEADER:], _pair(words[0] + ' ' + words[1])

        def recvfrom_into(self, buffer, nbytes=0, flags=0):
            view = memoryview(buffer).cast('B')
            data, address = self.recvfrom(nbytes or len(view), flags)
            view[:len(data)] = data
            return len(data), address

        def sendto(self, data, *rest):
            host, port = self._target(rest[-1])
            if self._kept[1] != socket.SOCK_DGRAM:
                return self.send(data)
            header = ('%s %d' % (host, port)).encode().ljust(_HEADER - 1) + b'\n'
            return max(self._again(WRITE, os.write, self._datagram_file(), header + bytes(data)) - _HEADER, 0)

        def shutdown(self, how):
            if how not in _HOW:
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            self._tell('shutdown', _HOW[how])

        def _close_datagrams(self):
            if self._datagrams >= 0:
                os.close(self._datagrams)
                self._datagrams = -1

        def _real_close(self, *rest):
            self._close_datagrams()
            super()._real_close(*rest)

        def detach(self):
            self._close_datagrams()
            return super().detach()

        def dup(self):
            copy = Socket(*self._kept, fileno=self._open('dup'))
            copy.settimeout(self._timeout)
            return copy

        def makefile(self, *arguments, **keywords):
            return wasmrun_files.remember(super().makefile(*arguments, **keywords), self, keywords.get('newline'))

        def get_inheritable(self):
            return False

        def set_inheritable(self, inheritable):
            pass

    return Socket


def _fromfd(fd, family, type, proto=0):
    return socket.socket(family, type, proto, fileno=os.open(device.folder(fd) + 'dup', device.READ_WRITE))


def _socketpair(family=None, type=None, proto=0):
    type = socket.SOCK_STREAM if type is None else type
    first = device.open_new('datagram-pair' if type == socket.SOCK_DGRAM else 'pair')
    second = os.open(device.folder(first) + 'mate', device.READ_WRITE)
    return socket.socket(type=type, fileno=first), socket.socket(type=type, fileno=second)


def _close(fd):
    os.close(fd)


def install():
    for name, value in _CONSTANTS.items():
        for module in (socket, _socket):
            if not hasattr(module, name):
                setattr(module, name, value)
    for name, (level, option) in _OPTIONS.items():
        _options[getattr(socket, level), getattr(socket, option)] = name
    # What the class library takes for a Unix socket, which there is none of.
    if hasattr(socket, 'AF_UNIX'):
        del socket.AF_UNIX
    socket.has_ipv6 = True
    socket.socket = socket.SocketType = _make_class(socket.socket)
    socket.fromfd = _fromfd
    socket.socketpair = _socketpair
    socket.close = _close
