"""Names and addresses: what the socket module answers without a socket."""
import socket

import wasmrun_device as device

_CONSTANTS = {
    'AI_PASSIVE': 1, 'AI_CANONNAME': 2, 'AI_NUMERICHOST': 4, 'AI_ADDRCONFIG': 32, 'AI_NUMERICSERV': 1024, 'NI_NUMERICHOST': 1, 'NI_NUMERICSERV': 2,
    'EAI_NONAME': -2, 'EAI_FAMILY': -6, 'EAI_SERVICE': -8,
}
_SERVICES = {
    'ftp': 21, 'ssh': 22, 'smtp': 25, 'domain': 53, 'http': 80, 'pop3': 110, 'ntp': 123, 'imap2': 143, 'ldap': 389, 'https': 443,
    'submission': 587, 'mysql': 3306, 'postgresql': 5432, 'amqp': 5672, 'redis': 6379, 'http-alt': 8080,
}


def inet_pton(family, text):
    """The interpreter's own has no IPv6."""
    if family == socket.AF_INET6:
        import ipaddress
        try:
            return ipaddress.IPv6Address(text).packed
        except ValueError:
            raise OSError('illegal IP address string passed to inet_pton') from None
    return _plain_pton(family, text)


def inet_ntop(family, packed):
    if family == socket.AF_INET6:
        import ipaddress
        return str(ipaddress.IPv6Address(bytes(packed)))
    return _plain_ntop(family, packed)


_plain_pton, _plain_ntop = socket.inet_pton, socket.inet_ntop


def _is_address(host):
    try:
        inet_pton(socket.AF_INET6 if ':' in host else socket.AF_INET, host.partition('%')[0])
        return True
    except OSError:
        return False


def _addresses(host, flags):
    if not host:
        return ['0.0.0.0', '::'] if flags & socket.AI_PASSIVE else ['127.0.0.1', '::1']
    if _is_address(host):
        return [host]
    if not flags & socket.AI_NUMERICHOST:
        try:
            return device.read_text('/net/dns/' + host).split()
        except OSError:
            pass
    raise socket.gaierror(socket.EAI_NONAME, 'Name or service not known')


def _port(port):
    if port is None or port == '':
        return 0
    if isinstance(port, str) and not port.isdigit():
        if port not in _SERVICES:
            raise socket.gaierror(socket.EAI_SERVICE, 'Servname not supported for ai_socktype')
        return _SERVICES[port]
    return int(port) & 0xFFFF


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    host = host.decode() if isinstance(host, bytes) else host
    port = _port(port.decode() if isinstance(port, bytes) else port)
    kinds = [(socket.SOCK_STREAM, socket.IPPROTO_TCP), (socket.SOCK_DGRAM, socket.IPPROTO_UDP)]
    found = []
    for address in _addresses(host, flags):
        own = socket.AF_INET6 if ':' in address else socket.AF_INET
        if family in (0, own):
            target = (address, port, 0, 0) if own == socket.AF_INET6 else (address, port)
            name = host if host and flags & socket.AI_CANONNAME and not found else ''
            found += [(own, kind, protocol, name, target) for kind, protocol in kinds if type in (0, kind) and proto in (0, protocol)]
    if not found:
        raise socket.gaierror(socket.EAI_FAMILY, 'Address family for hostname not supported')
    return found


def _gethostbyname_ex(host):
    return host, [], [target[0] for *_, target in getaddrinfo(host, 0, socket.AF_INET, socket.SOCK_STREAM)]


def _getservbyname(name, protocol='tcp'):
    if name not in _SERVICES:
        raise OSError('service/proto not found')
    return _SERVICES[name]


def _getservbyport(port, protocol='tcp'):
    for name, number in _SERVICES.items():
        if number == port:
            return name
    raise OSError('port/proto not found')


def _getnameinfo(address, flags):
    host, port = address[0], address[1]
    if not _is_address(host):
        raise socket.gaierror(socket.EAI_NONAME, 'Name or service not known')
    service = next((name for name, number in _SERVICES.items() if number == port), None)
    return host, str(port) if flags & socket.NI_NUMERICSERV or service is None else service


def _gethostname():
    return device.read_text('/net/hostname')


def _getfqdn(name=''):
    return _gethostname() if name in ('', '0.0.0.0', '::') else name


def install():
    for name, value in _CONSTANTS.items():
        if not hasattr(socket, name):
            setattr(socket, name, value)
    for name, function in {
        'getaddrinfo': getaddrinfo,
        'inet_pton': inet_pton,
        'inet_ntop': inet_ntop,
        'gethostbyname': lambda host: _gethostbyname_ex(host)[2][0],
        'gethostbyname_ex': _gethostbyname_ex,
        'gethostbyaddr': lambda address: (address, [], [address]),
        'getnameinfo': _getnameinfo,
        'gethostname': _gethostname,
        'getfqdn': _getfqdn,
        'getservbyname': _getservbyname,
        'getservbyport': _getservbyport,
        'getprotobyname': lambda name: {'tcp': 6, 'udp': 17, 'icmp': 1, 'ip': 0, 'ipv6': 41}[name],
        'if_nameindex': lambda: [(1, 'lo')],
    }.items():
        setattr(socket, name, function)
