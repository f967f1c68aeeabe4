"""A JSON API over HTTP that counts visits in the store. Nothing but the standard library is needed."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from store import Store, StoreError

RESOURCES = {
    'GET /health': 'whether this service works',
    'GET /visits': 'the number of visits',
    'POST /visits': 'one visit more',
}

store = Store(os.environ.get('STORE', 'store:8080'))


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        if self.path == '/visits':
            self.answer_visits('GET')
        elif self.path == '/health':
            self.answer(200, {'status': 'ok'})
        elif self.path == '/':
            self.answer(200, {'service': 'api', 'resources': RESOURCES})
        else:
            self.answer(404, {'error': 'no such resource'})

    do_HEAD = do_GET

    def do_POST(self):
        self.rfile.read(int(self.headers.get('Content-Length') or 0))
        if self.path == '/visits':
            self.answer_visits('INCR')
        elif self.path in ('/', '/health'):
            self.answer(405, {'error': 'this resource can only be read'}, {'Allow': 'GET, HEAD'})
        else:
            self.answer(404, {'error': 'no such resource'})

    def answer_visits(self, command):
        try:
            reply = store.ask(command, 'visits')
            self.answer(200, {'visits': int(reply or 0)})
        except ValueError:
            self.answer(502, {'error': 'the store holds something else than a number of visits'})
        except StoreError as error:
            self.answer(503, {'error': 'the store cannot be reached: %s' % error})

    def answer(self, status, value, headers={}):
        body = json.dumps(value).encode() + b'\n'
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def log_request(self, code='-', size='-'):
        pass


if __name__ == '__main__':
    port = int(os.environ.get('PORT', '8080'))
    with ThreadingHTTPServer(('', port), Handler) as server:
        print('listening on %d' % port)
        server.serve_forever()
