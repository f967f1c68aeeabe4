"""Starts a project: runs its entry and, if that only defines a WSGI application, serves it."""
import os
import runpy
import sys

import wasmrun_socket


def _serve(application):
    from wsgiref.simple_server import make_server

    port = int(os.environ.get('PORT') or 8000)
    with make_server('0.0.0.0', port, application) as server:
        print('serving on port %d' % port, file=sys.stderr)
        server.serve_forever()


def main():
    entry = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[0] = '/app'
    os.chdir('/app')
    module, _, name = entry.partition(':')
    if name:
        application = __import__(module, fromlist=['*'])
        for part in name.split('.'):
            application = getattr(application, part)
        _serve(application)
        return
    path = os.path.join('/app', entry)
    sys.path[0] = os.path.dirname(path)
    names = runpy.run_path(path, run_name='__main__')
    application = next((names[name] for name in ('app', 'application') if callable(names.get(name))), None)
    if application is not None and not wasmrun_socket.listened:
        _serve(application)


main()
