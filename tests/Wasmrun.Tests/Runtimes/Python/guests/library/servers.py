"""Servers and clients of the standard library, both in one program."""
import asyncio
import http.client
import http.server
import json
import socket
import socketserver
import threading
import urllib.error
import urllib.request
import xmlrpc.client
import xmlrpc.server

from rules import done, fails, rule


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        self.answer(self.path.encode(), 404 if self.path == '/nothing' else 200)

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers['Content-Length'])))

    def answer(self, body, status=200):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serving(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    return thread


@rule
def a_client_keeps_its_connection():
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        thread = serving(server)
        clients = [http.client.HTTPConnection('localhost', server.server_port) for _ in range(3)]
        for number in range(3):
            for client in clients:
                client.request('GET', '/%d' % number)
            for client in clients:
                assert client.getresponse().read() == b'/%d' % number
        clients[0].request('POST', '/', body=bytes(100_000))
        assert len(clients[0].getresponse().read()) == 100_000
        server.shutdown()
        thread.join()


@rule
def a_server_in_a_lambda_gives_way():
    with http.server.HTTPServer(('127.0.0.1', 0), Handler) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05))
        thread.start()
        client = http.client.HTTPConnection('localhost', server.server_port)
        for number in range(2):
            client.request('GET', '/%d' % number)
            assert client.getresponse().read() == b'/%d' % number
        server.shutdown()
        thread.join()


@rule
def urllib_asks_a_server_without_threads():
    with http.server.HTTPServer(('127.0.0.1', 0), Handler) as server:
        thread = serving(server)
        url = 'http://127.0.0.1:%d' % server.server_port
        assert urllib.request.urlopen(url + '/a?b').read() == b'/a?b'
        with fails(urllib.error.HTTPError, '404'):
            urllib.request.urlopen(url + '/nothing')
        server.shutdown()
        thread.join()


@rule
def a_protocol_of_its_own_waits_for_each_client():
    class Protocol(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b'hello\n')
            while data := self.request.recv(100):
                self.wfile.write(data.upper())

    with socketserver.ThreadingTCPServer(('127.0.0.1', 0), Protocol) as server:
        serving(server)
        clients = [socket.create_connection(server.server_address) for _ in range(3)]
        for client in clients:
            assert client.recv(100) == b'hello\n'
        for client in reversed(clients):
            client.send(b'x')
            assert client.recv(100) == b'X'
            client.close()
        server.shutdown()


@rule
def lines_of_a_file_are_waited_for_one_client_beside_the_other():
    class ByCalls(socketserver.StreamRequestHandler):
        def handle(self):
            while line := self.rfile.readline().strip():
                self.wfile.write(b'%s %s\n' % (line, self.rfile.read(2)))

    class ByLoop(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                if line == b'skip\n':
                    continue
                for letter in line.decode().strip():
                    self.wfile.write(letter.upper().encode())
                self.wfile.write(b'\n')
                if line == b'quit\n':
                    break

    for kind, ask, answer in ((ByCalls, b'one\nab', b'one ab\n'), (ByLoop, b'skip\none\n', b'ONE\n')):
        with socketserver.ThreadingTCPServer(('127.0.0.1', 0), kind) as server:
            serving(server)
            clients = [socket.create_connection(server.server_address) for _ in range(3)]
            for half in (ask[:-1], ask[-1:]):
                for client in clients:
                    client.send(half)
            for client in reversed(clients):
                client.settimeout(20)
                assert client.recv(100) == answer
                client.send(ask * 2)
                assert client.makefile('rb').read(len(answer) * 2) == answer * 2
            for client in clients:
                client.close()
            server.shutdown()


@rule
def datagrams_are_served():
    class Echo(socketserver.BaseRequestHandler):
        def handle(self):
            data, sock = self.request
            sock.sendto(data[::-1], self.client_address)

    with socketserver.ThreadingUDPServer(('127.0.0.1', 0), Echo) as server:
        serving(server)
        client = socket.socket(type=socket.SOCK_DGRAM)
        client.sendto(b'abc', server.server_address)
        assert client.recv(10) == b'cba'
        server.shutdown()


@rule
def remote_procedures_are_called():
    with xmlrpc.server.SimpleXMLRPCServer(('127.0.0.1', 0), logRequests=False) as server:
        server.register_function(lambda a, b: a + b, 'add')
        serving(server)
        assert xmlrpc.client.ServerProxy('http://127.0.0.1:%d' % server.server_address[1]).add(2, 3) == 5
        server.shutdown()


@rule
def asyncio_streams_talk():
    async def serve(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    async def ask(port, number):
        reader, writer = await asyncio.open_connection('localhost', port)
        writer.write(b'hello %d\n' % number)
        assert await reader.readline() == b'HELLO %d\n' % number
        writer.write(bytes(3_000_000) + b'\n')
        reader._limit = 4_000_000
        assert len(await reader.readline()) == 3_000_001
        writer.close()
        await writer.wait_closed()

    async def main():
        server = await asyncio.start_server(serve, '127.0.0.1', 0, limit=4_000_000)
        async with server:
            await asyncio.gather(*(ask(server.sockets[0].getsockname()[1], number) for number in range(5)))

    asyncio.run(main())


@rule
def asyncio_datagrams_and_other_work_go_on_together():
    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, address):
            self.transport.sendto(data[::-1], address)

    class Client(asyncio.DatagramProtocol):
        def __init__(self):
            self.answer = asyncio.get_running_loop().create_future()

        def datagram_received(self, data, address):
            self.answer.set_result(data)

    async def main():
        loop = asyncio.get_running_loop()
        server, _ = await loop.create_datagram_endpoint(Echo, local_addr=('127.0.0.1', 0))
        transport, client = await loop.create_datagram_endpoint(Client, remote_addr=server.get_extra_info('sockname'))
        transport.sendto(b'abc')
        assert await asyncio.wait_for(client.answer, 5) == b'cba'
        transport.close()
        server.close()
        assert await asyncio.to_thread(sum, [1, 2]) == 3
        assert await loop.run_in_executor(None, len, 'abc') == 3
        with fails(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.sleep(10)
        with fails(OSError, 'starts no processes'):
            await asyncio.create_subprocess_exec('ls')

    asyncio.run(main())


@rule
def low_level_asyncio_calls_work():
    async def main():
        loop = asyncio.get_running_loop()
        server = socket.create_server(('127.0.0.1', 0))
        server.setblocking(False)
        client = socket.socket()
        client.setblocking(False)
        accepting = asyncio.create_task(loop.sock_accept(server))
        await loop.sock_connect(client, server.getsockname())
        accepted, _ = await accepting
        await loop.sock_sendall(client, b'hello')
        assert await loop.sock_recv(accepted, 10) == b'hello'
        assert (await loop.getaddrinfo('localhost', 80, type=socket.SOCK_STREAM))[0][4] == ('127.0.0.1', 80)

    asyncio.run(main())


@rule
def json_goes_through_a_wsgi_server():
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    def application(environ, start_response):
        start_response('200 OK', [('Content-Type', 'application/json')])
        return [json.dumps({'path': environ['PATH_INFO']}).encode()]

    with make_server('127.0.0.1', 0, application, handler_class=Quiet) as server:
        serving(server)
        assert json.load(urllib.request.urlopen('http://127.0.0.1:%d/x' % server.server_port)) == {'path': '/x'}
        server.shutdown()


done()
