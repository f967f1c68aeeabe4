"""A server of the standard library with a thread for each connection, and handlers that take their time."""
import atexit
import http.server
import os
import time
import traceback

atexit.register(print, 'atexit ran', flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    released = False

    def do_GET(self):
        if self.path == '/held':
            while not Handler.released:
                time.sleep(0.01)
        elif self.path == '/release':
            Handler.released = True
        elif self.path == '/spin':
            print('spinning')
            while True:
                try:
                    rounds = 0
                    while True:
                        rounds += 1
                except SystemExit:
                    print('goes on')
        elif self.path == '/fail':
            raise ValueError('a handler failed')
        elif self.path == '/wait':
            try:
                print('waiting')
                time.sleep(1000)
            finally:
                print('the handler has cleaned up')
        self.answer(self.path.encode())

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers['Content-Length']))[::-1])

    def answer(self, body):
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


try:
    http.server.ThreadingHTTPServer(('', int(os.environ['PORT'])), Handler).serve_forever()
finally:
    print('the server has cleaned up')
