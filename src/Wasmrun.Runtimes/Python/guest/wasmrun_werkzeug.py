"""Flask's `app.run()`: no reloader, because the runner watches the files, and the faster of two servers."""


def _patch_serving(module):
    plain = module.run_simple

    def run_simple(hostname, port, application, use_reloader=False, use_debugger=False, use_evalex=True, *arguments, **keywords):
        ours = not use_debugger and not arguments and not keywords.keys() - {'threaded', 'static_files', 'extra_files', 'exclude_patterns'}
        if not ours or not isinstance(port, int) or hostname.startswith('unix://'):
            # Its own server has what was asked for, such as the debugger.
            return plain(hostname, port, application, False, use_debugger, use_evalex, *arguments, **keywords)
        if keywords.get('static_files'):
            from werkzeug.middleware.shared_data import SharedDataMiddleware
            application = SharedDataMiddleware(application, keywords['static_files'])
        import wasmrun_wsgi
        _tell(' * Running on http://%s:%d' % (hostname, port))
        wasmrun_wsgi.serve(application, port, hostname, keywords.get('threaded', False), _logger())

    def get_interface_ip(family):
        """Its own way sends a datagram to see where it leaves, which the sandbox would deny and report."""
        import socket
        return socket.getaddrinfo(socket.gethostname(), 0, family)[0][4][0]

    module.run_simple = run_simple
    module.get_interface_ip = get_interface_ip


def _tell(text):
    from werkzeug._internal import _log
    _log('info', text)


def _logger():
    """Writes a line for each request, as werkzeug does; None when nobody wants to see it."""
    import logging
    import time
    if not logging.getLogger('werkzeug').isEnabledFor(logging.INFO):
        return None
    days = {}

    def log(client, head, status):
        now = int(time.time())
        if now not in days:
            days.clear()
            days[now] = time.strftime('%d/%b/%Y %H:%M:%S', time.localtime(now))
        _tell('%s - - [%s] "%s %s HTTP/%s" %s -' % (client, days[now], head.method, head.target, head.version, status))

    return log


PATCHES = {'werkzeug.serving': _patch_serving}
