"""The socket module on the device files below /net."""
import _socket
import errno
import os
import select
import socket

_READ, _WRITE = 1, 2
_HEADER = 64
_CONSTANTS = {
    'AF_UNSPEC': 0, 'AF_INET': 1, 'AF_INET6': 2, 'AF_UNIX': 3, 'SOCK_DGRAM': 5, 'SOCK_STREAM': 6,
    'SOL_SOCKET': 0x7FFFFFFF, 'SO_REUSEADDR': 2, 'SO_TYPE': 3, 'SO_ERROR': 4, 'SO_BROADCAST': 6, 'SO_SNDBUF': 7,
    'SO_RCVBUF': 8, 'SO_KEEPALIVE': 9, 'SO_LINGER': 13, 'IPPROTO_IP': 0, 'IPPROTO_TCP': 6, 'IPPROTO_UDP': 17, 'IPPROTO_IPV6': 41,
    'TCP_NODELAY': 1, 'IPV6_V6ONLY': 26, 'SOMAXCONN': 128, 'SHUT_RD': 1, 'SHUT_WR': 2, 'SHUT_RDWR': 3,
    'AI_PASSIVE': 1, 'AI_CANONNAME': 2, 'AI_NUMERICHOST': 4, 'AI_ADDRCONFIG': 32, 'NI_NUMERICHOST': 1, 'NI_NUMERICSERV': 2,
    'EAI_NONAME': -2, 'EAI_FAMILY': -6, 'EAI_SERVICE': -8, 'MSG_PEEK': 1, 'MSG_WAITALL': 2, 'INADDR_ANY': 0,
}
_SERVICES = {'http': 80, 'https': 443, 'ftp': 21, 'smtp': 25, 'domain': 53}

#: Whether the program has ever listened; a server of its own makes ours unnecessary.
listened = False


def _folder(fd):
    return '/net/ctl/%d/' % os.fstat(fd).st_ino


def _read_text(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 65536).decode().strip()
    finally:
        os.close(fd)


def _command(fd, *words):
    control = os.open(_folder(fd) + 'control', os.O_RDWR)
    try:
        os.write(control, ' '.join(str(word) for word in words).encode())
    finally:
        os.close(control)


def _open_beside(fd, name):
    return os.open(_folder(fd) + name, os.O_RDWR)


def _pair(text):
    host, _, port = text.partition(' ')
    return (host, int(port), 0, 0) if ':' in host else (host, int(port))


def _options():
    return {
        (socket.IPPROTO_TCP, socket.TCP_NODELAY): 'nodelay',
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE): 'keepalive',
        (socket.SOL_SOCKET, socket.SO_RCVBUF): 'receive_buffer',
        (socket.SOL_SOCKET, socket.SO_SNDBUF): 'send_buffer',
        (socket.SOL_SOCKET, socket.SO_REUSEADDR): 'reuse_address',
        (socket.SOL_SOCKET, socket.SO_BROADCAST): 'broadcast',
        (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY): 'only_v6',
    }


def _make_class(base):
    class Socket(base):
        """A socket whose descriptor is a device file."""

        def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
            family = socket.AF_INET if family == -1 else family
            type = socket.SOCK_STREAM if type == -1 else type
            if fileno is None:
                if family not in (socket.AF_INET, socket.AF_INET6):
                    raise OSError(errno.EAFNOSUPPORT, 'address family not supported')
                kind = ('udp' if type == socket.SOCK_DGRAM else 'tcp') + ('6' if family == socket.AF_INET6 else '')
                fileno = os.open('/net/%s/new' % kind, os.O_RDWR)
            self._kept = (family, type)
            self._datagrams = -1
            super().__init__(family, type, 0 if proto == -1 else proto, fileno)

        @property
        def family(self):
            return socket.AddressFamily(self._kept[0]) if self._kept[0] in _families() else self._kept[0]

        @property
        def type(self):
            return self._kept[1]

        def _wait(self, event):
            timeout = self.gettimeout()
            if timeout:
                poll = select.poll()
                poll.register(self.fileno(), select.POLLIN if event == _READ else select.POLLOUT)
                if not poll.poll(timeout * 1000):
                    raise TimeoutError('timed out')

        def bind(self, address):
            _command(self.fileno(), 'bind', address[0] or '*', address[1])

        def listen(self, backlog=128):
            global listened
            _command(self.fileno(), 'listen', max(backlog, 1))
            listened = True

        def connect(self, address):
            try:
                _command(self.fileno(), 'connect', address[0], address[1])
            except OSError as error:
                if error.errno != errno.EINPROGRESS or self.gettimeout() == 0:
                    raise
                self._wait(_WRITE)
                code = self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if code:
                    raise OSError(code, os.strerror(code)) from None

        def connect_ex(self, address):
            try:
                self.connect(address)
                return 0
            except OSError as error:
                return error.errno

        def accept(self):
            self._wait(_READ)
            accepted = Socket(self._kept[0], self._kept[1], fileno=_open_beside(self.fileno(), 'accept'))
            if socket.getdefaulttimeout() is None and self.gettimeout():
                accepted.setblocking(True)
            try:
                return accepted, accepted.getpeername()
            except OSError:
                return accepted, ('', 0)

        def getsockname(self):
            return _pair(_read_text(_folder(self.fileno()) + 'local'))

        def getpeername(self):
            return _pair(_read_text(_folder(self.fileno()) + 'peer'))

        def setsockopt(self, level, option, value, *rest):
            name = _options().get((level, option))
            if name is not None and isinstance(value, int):
                _command(self.fileno(), 'option', name, int(value))

        def getsockopt(self, level, option, length=0):
            if (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR):
                return int(_read_text(_folder(self.fileno()) + 'error') or 0)
            if (level, option) == (socket.SOL_SOCKET, socket.SO_TYPE):
                return int(self._kept[1])
            name = _options().get((level, option))
            return 0 if name is None else int(_read_text(_folder(self.fileno()) + 'options/' + name))

        def recv(self, size, flags=0):
            self._wait(_READ)
            if flags & socket.MSG_PEEK:
                peek = _open_beside(self.fileno(), 'peek')
                try:
                    return os.read(peek, size)
                finally:
                    os.close(peek)
            return os.read(self.fileno(), size)

        def recv_into(self, buffer, size=0, flags=0):
            self._wait(_READ)
            view = memoryview(buffer).cast('B')
            return os.readv(self.fileno(), [view[:size] if size else view])

        def send(self, data, flags=0):
            self._wait(_WRITE)
            return os.write(self.fileno(), data)

        def sendall(self, data, flags=0):
            rest = memoryview(data).cast('B')
            while len(rest):
                rest = rest[self.send(rest):]

        def sendmsg(self, buffers, *rest):
            return self.send(b''.join(buffers))

        def _datagram_file(self):
            if self._datagrams < 0:
                self._datagrams = _open_beside(self.fileno(), 'datagrams')
            return self._datagrams

        def recvfrom(self, size, flags=0):
            if self._kept[1] != socket.SOCK_DGRAM:
                return self.recv(size, flags), None
            self._wait(_READ)
            if self.gettimeout() == 0:
                os.set_blocking(self._datagram_file(), False)
            data = os.read(self._datagram_file(), _HEADER + size)
            words = data[:_HEADER].decode().split()
            return data[_HEADER:], _pair(words[0] + ' ' + words[1])

        def sendto(self, data, *rest):
            address = rest[-1]
            header = ('%s %d' % (address[0], address[1])).encode().ljust(_HEADER - 1) + b'\n'
            self._wait(_WRITE)
            return max(os.write(self._datagram_file(), header + bytes(data)) - _HEADER, 0)

        def shutdown(self, how):
            _command(self.fileno(), 'shutdown', {socket.SHUT_RD: 'read', socket.SHUT_WR: 'write'}.get(how, 'both'))

        def close(self):
            if self._datagrams >= 0:
                os.close(self._datagrams)
                self._datagrams = -1
            super().close()

        def dup(self):
            copy = Socket(*self._kept, fileno=_open_beside(self.fileno(), 'dup'))
            copy.settimeout(self.gettimeout())
            return copy

        def get_inheritable(self):
            return False

        def set_inheritable(self, inheritable):
            pass

    return Socket


def _families():
    return [int(family) for family in getattr(socket, 'AddressFamily', [])]


def inet_pton(family, text):
    import ipaddress
    try:
        return (ipaddress.IPv6Address if family == socket.AF_INET6 else ipaddress.IPv4Address)(text).packed
    except ValueError:
        raise OSError('illegal IP address string passed to inet_pton') from None


def inet_ntop(family, packed):
    import ipaddress
    return str((ipaddress.IPv6Address if family == socket.AF_INET6 else ipaddress.IPv4Address)(bytes(packed)))


def _is_address(host):
    parts = host.split('.')
    return ':' in host or len(parts) == 4 and all(part.isdigit() for part in parts)


def _addresses(host, flags):
    if host in (None, ''):
        return ['0.0.0.0', '::'] if flags & socket.AI_PASSIVE else ['127.0.0.1', '::1']
    if _is_address(host):
        return [host]
    if not flags & socket.AI_NUMERICHOST:
        try:
            return _read_text('/net/dns/' + host).split()
        except OSError:
            pass
    raise socket.gaierror(socket.EAI_NONAME, 'Name or service not known')


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    host = host.decode() if isinstance(host, bytes) else host
    port = port.decode() if isinstance(port, bytes) else port
    if isinstance(port, str) and not port.isdigit():
        if port not in _SERVICES:
            raise socket.gaierror(socket.EAI_SERVICE, 'Servname not supported for ai_socktype')
        port = _SERVICES[port]
    port = int(port or 0)
    kinds = [(socket.SOCK_STREAM, socket.IPPROTO_TCP), (socket.SOCK_DGRAM, socket.IPPROTO_UDP)]
    found = []
    for address in _addresses(host, flags):
        own = socket.AF_INET6 if ':' in address else socket.AF_INET
        if family in (0, own):
            target = (address, port, 0, 0) if own == socket.AF_INET6 else (address, port)
            found += [(own, kind, protocol, '', target) for kind, protocol in kinds if type in (0, kind) and proto in (0, protocol)]
    if not found:
        raise socket.gaierror(socket.EAI_FAMILY, 'Address family for hostname not supported')
    return found


def _gethostbyname(host):
    return getaddrinfo(host, 0, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]


def _getservbyname(name, protocol='tcp'):
    if name not in _SERVICES:
        raise OSError('service/proto not found')
    return _SERVICES[name]


def _fromfd(fd, family, type, proto=0):
    return socket.socket(family, type, proto, fileno=_open_beside(fd, 'dup'))


def _socketpair(family=None, type=None, proto=0):
    type = socket.SOCK_STREAM if type is None else type
    first = os.open('/net/datagram-pair' if type == socket.SOCK_DGRAM else '/net/pair', os.O_RDWR)
    second = _open_beside(first, 'mate')
    return socket.socket(type=type, fileno=first), socket.socket(type=type, fileno=second)


def _create_server(address, *, family=None, backlog=None, reuse_port=False, dualstack_ipv6=False):
    server = socket.socket(socket.AF_INET if family is None else family)
    try:
        server.bind(address)
        server.listen(backlog or 128)
        return server
    except BaseException:
        server.close()
        raise


def install():
    for name, value in _CONSTANTS.items():
        for module in (socket, _socket):
            if not hasattr(module, name):
                setattr(module, name, value)
    for name in ('gaierror', 'herror'):
        if not hasattr(socket, name):
            setattr(socket, name, type(name, (OSError,), {}))
    socket.has_ipv6 = True
    socket.socket = socket.SocketType = _make_class(socket.socket)
    replacements = {
        'getaddrinfo': getaddrinfo,
        'gethostbyname': _gethostbyname,
        'gethostbyaddr': lambda address: (address, [], [address]),
        'getnameinfo': lambda address, flags: (address[0], str(address[1])),
        'gethostname': lambda: _read_text('/net/hostname'),
        'getfqdn': lambda name='': name or _read_text('/net/hostname'),
        'getservbyname': _getservbyname,
        'inet_pton': inet_pton,
        'inet_ntop': inet_ntop,
        'inet_aton': lambda text: inet_pton(socket.AF_INET, text),
        'inet_ntoa': lambda packed: inet_ntop(socket.AF_INET, packed),
        'htons': lambda number: int.from_bytes(number.to_bytes(2, 'little'), 'big'),
        'ntohs': lambda number: int.from_bytes(number.to_bytes(2, 'little'), 'big'),
        'htonl': lambda number: int.from_bytes(number.to_bytes(4, 'little'), 'big'),
        'ntohl': lambda number: int.from_bytes(number.to_bytes(4, 'little'), 'big'),
        'fromfd': _fromfd,
        'socketpair': _socketpair,
        'create_server': _create_server,
        'has_dualstack_ipv6': lambda: False,
    }
    for name, value in replacements.items():
        setattr(socket, name, value)
