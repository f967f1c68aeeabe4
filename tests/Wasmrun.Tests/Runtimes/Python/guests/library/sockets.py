"""The socket module and what waits on it."""
import os
import errno
import select
import selectors
import socket
import struct

from rules import done, fails, rule


def connect(family=socket.AF_INET, host='127.0.0.1'):
    server = socket.create_server((host, 0), family=family)
    client = socket.create_connection(server.getsockname()[:2])
    accepted, address = server.accept()
    return server, client, accepted, address


@rule
def addresses_of_both_ends_agree():
    server, client, accepted, address = connect()
    assert address == client.getsockname() == accepted.getpeername()
    assert client.getpeername() == server.getsockname() == accepted.getsockname()
    assert (client.family, client.type) == (socket.AF_INET, socket.SOCK_STREAM)


@rule
def data_can_be_peeked_and_received_into():
    _, client, accepted, _ = connect()
    client.sendall(b'hello')
    assert accepted.recv(2, socket.MSG_PEEK) == b'he'
    buffer = bytearray(8)
    assert accepted.recv_into(buffer, 3) == 3 and buffer[:3] == b'hel'
    assert accepted.recv(100) == b'lo'
    client.sendmsg([b'ab', b'cd'])
    assert accepted.recv(4, socket.MSG_WAITALL) == b'abcd'


@rule
def files_of_a_socket_keep_it_open():
    _, client, accepted, _ = connect()
    with accepted.makefile('rwb') as file:
        accepted.close()
        file.write(b'line\n')
        file.flush()
        with client.makefile('r', encoding='utf-8') as lines:
            assert lines.readline() == 'line\n'
    assert client.recv(1) == b''
    with fails(OSError):
        accepted.recv(1)


@rule
def timeouts_end_a_wait():
    server, client, accepted, _ = connect()
    for sock, wait in ((accepted, lambda: accepted.recv(1)), (server, server.accept)):
        sock.settimeout(0.02)
        with fails(TimeoutError, 'timed out'):
            wait()
    client.settimeout(0.02)
    with fails(TimeoutError):
        client.sendall(bytes(32 << 20))


@rule
def a_default_timeout_is_for_new_sockets():
    socket.setdefaulttimeout(0.5)
    try:
        assert socket.socket().gettimeout() == 0.5
    finally:
        socket.setdefaulttimeout(None)
    assert socket.socket().gettimeout() is None


@rule
def nothing_waits_when_not_blocking():
    server, client, accepted, _ = connect()
    for sock in (server, accepted, client):
        sock.setblocking(False)
        assert not sock.getblocking() and sock.gettimeout() == 0
    with fails(BlockingIOError):
        accepted.recv(1)
    with fails(BlockingIOError):
        server.accept()
    sent = 0
    with fails(BlockingIOError):
        while True:
            sent += client.send(bytes(1 << 16))
    accepted.setblocking(True)
    while sent:
        sent -= len(accepted.recv(1 << 20))


@rule
def half_of_a_connection_can_be_closed():
    _, client, accepted, _ = connect()
    client.shutdown(socket.SHUT_WR)
    assert accepted.recv(1) == b''
    accepted.sendall(b'still')
    assert client.recv(10) == b'still'
    with fails(OSError):
        client.send(b'x')


@rule
def nobody_refuses():
    for timeout in (None, 1):
        with fails(ConnectionRefusedError):
            socket.create_connection(('127.0.0.1', 1), timeout)
    sock = socket.socket()
    sock.setblocking(False)
    assert sock.connect_ex(('127.0.0.1', 1)) in (errno.ECONNREFUSED, errno.EINPROGRESS)
    with fails(OSError):
        socket.socket().getpeername()


@rule
def a_port_is_taken_once():
    server = socket.create_server(('127.0.0.1', 0))
    with fails(OSError):
        socket.create_server(server.getsockname())


@rule
def datagrams_keep_their_borders_and_addresses():
    first, second = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
    first.bind(('127.0.0.1', 0))
    second.sendto(b'ping', first.getsockname())
    second.sendto(b'', first.getsockname())
    data, address = first.recvfrom(100)
    assert data == b'ping' and first.recvfrom(100)[0] == b''
    first.sendto(b'pong', address)
    assert second.recvfrom(100) == (b'pong', first.getsockname())
    second.connect(first.getsockname())
    second.send(b'x')
    assert first.recv(10) == b'x'
    first.settimeout(0.01)
    with fails(TimeoutError):
        first.recvfrom(1)


@rule
def ipv6_has_four_parts():
    server, client, accepted, address = connect(socket.AF_INET6, '::1')
    assert len(address) == 4 and address[0] == '::1' and server.getsockname()[:1] == ('::1',)
    accepted.sendall(b'six')
    assert client.recv(3) == b'six'
    both = socket.create_server(('', 0), family=socket.AF_INET6, dualstack_ipv6=True)
    socket.create_connection(('127.0.0.1', both.getsockname()[1]))
    assert both.accept()[1][0] == '::ffff:127.0.0.1'


@rule
def options_are_kept_and_unknown_ones_refused():
    sock = socket.socket()
    for level, option in ((socket.IPPROTO_TCP, socket.TCP_NODELAY), (socket.SOL_SOCKET, socket.SO_KEEPALIVE), (socket.SOL_SOCKET, socket.SO_REUSEADDR)):
        sock.setsockopt(level, option, 1)
        assert sock.getsockopt(level, option) == 1
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    assert struct.unpack('ii', sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)) == (1, 0)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM
    with fails(OSError, 'does not have this socket option'):
        sock.setsockopt(99, 99, 1)


@rule
def names_are_found():
    found = socket.getaddrinfo('localhost', 'http', type=socket.SOCK_STREAM)
    assert (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, '', ('127.0.0.1', 80)) in found
    assert socket.gethostname() == 'guest' and socket.gethostbyname('localhost') == '127.0.0.1'
    assert socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, 'fe80::1')) == 'fe80::1'
    assert socket.getservbyname('https') == 443 and socket.getnameinfo(('1.2.3.4', 80), socket.NI_NUMERICSERV) == ('1.2.3.4', '80')
    with fails(socket.gaierror):
        socket.getaddrinfo('1.2.3.4.5', 1, flags=socket.AI_NUMERICHOST)
    with fails(socket.gaierror):
        socket.create_connection(('nobody.invalid', 80))


@rule
def pairs_talk():
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        first, second = socket.socketpair(type=kind)
        first.send(b'x')
        assert second.recv(10) == b'x'
    copy = second.dup()
    second.close()
    first.send(b'y')
    assert copy.recv(10) == b'y'
    assert socket.fromfd(copy.fileno(), socket.AF_INET, socket.SOCK_DGRAM).fileno() != copy.fileno()


@rule
def select_sees_what_is_ready():
    first, second = socket.socketpair()
    assert select.select([second], [first], [], 0) == ([], [first], [])
    assert select.select([second], [], [], 0.01) == ([], [], [])
    first.send(b'x')
    assert select.select([second], [second], [], 5) == ([second], [second], [])
    poll = select.poll()
    poll.register(second, select.POLLIN)
    assert poll.poll(1000) == [(second.fileno(), select.POLLIN)]
    poll.modify(second, select.POLLOUT)
    assert poll.poll() == [(second.fileno(), select.POLLOUT)]
    poll.unregister(second)
    with fails(KeyError):
        poll.unregister(second)


@rule
def selectors_tell_whose_turn_it_is():
    first, second = socket.socketpair()
    with selectors.DefaultSelector() as selector:
        selector.register(second, selectors.EVENT_READ, 'data')
        assert selector.select(0.01) == []
        first.send(b'x')
        [(key, events)] = selector.select()
        assert (key.fileobj, key.data, events) == (second, 'data', selectors.EVENT_READ)
        selector.modify(second, selectors.EVENT_WRITE)
        assert selector.select(1)[0][1] == selectors.EVENT_WRITE


@rule
def a_pipe_goes_one_way_and_ends():
    import selectors
    reading, writing = os.pipe()
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        assert selector.select(0) == []
        os.write(writing, b'text')
        assert [key.fd for key, _ in selector.select(1)] == [reading]
    assert os.read(reading, 100) == b'text'
    with fails(BrokenPipeError):
        os.write(reading, b'back')
    os.close(writing)
    assert os.read(reading, 100) == b''
    os.close(reading)


@rule
def descriptors_of_sockets_can_be_doubled_and_no_others():
    first, second = socket.socketpair()
    copy = os.dup(first.fileno())
    first.close()
    os.write(copy, b'text')
    assert second.recv(100) == b'text'
    os.close(copy)
    with open(__file__) as file, fails(OSError, 'open the file again'):
        os.dup(file.fileno())
    with fails(OSError, 'os.dup'):
        os.dup2(second.fileno(), 1)
    second.close()


done()
