"""A WSGI application that answers as its twin for ASGI does."""
import atexit
import time

atexit.register(print, 'wsgi down', flush=True)


def application(environ, start_response):
    path, method = environ['PATH_INFO'], environ['REQUEST_METHOD']
    if path == '/fail':
        raise ValueError('the application failed')
    if path == '/sleep':
        time.sleep(1)
    body = environ['wsgi.input'].read() if path == '/echo' else ('%s %s?%s' % (method, path, environ['QUERY_STRING'])).encode('latin-1')
    if path == '/stream':
        start_response('200 OK', [('Content-Type', 'text/plain')])
        return (b'line %d\n' % number for number in range(3))
    if path == '/nothing':
        start_response('204 No Content', [])
        return []
    if path == '/header':
        body = environ.get('HTTP_X_TEST', '').encode('latin-1')
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [body]
