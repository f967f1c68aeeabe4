"""Servers without threads: a connection is served when its next request is there, and waits in a selector until then."""
import importlib.util
import sys


def _serve_ready(server, handler):
    """Serves what a connection has sent, then parks it again or ends it."""
    server._parked.unregister(handler.request)
    try:
        while True:
            handler.handle_one_request()
            if handler.close_connection:
                break
            if not _has_more(handler):
                _park(server, handler)
                return
    except (ConnectionError, TimeoutError):
        pass
    except Exception:
        server.handle_error(handler.request, handler.client_address)
    _finish(server, handler)


def _has_more(handler):
    """Whether a further request was read along with the last; must not wait for one."""
    handler.request.setblocking(False)
    try:
        return bool(handler.rfile.peek(1))
    except OSError:
        return False
    finally:
        handler.request.setblocking(True)


def _park(server, handler):
    import selectors
    server._parked.register(handler.request, selectors.EVENT_READ, handler)


def _finish(server, handler):
    try:
        handler.finish()
    except Exception:
        pass
    server.shutdown_request(handler.request)


def _is_wsgiref(handler):
    """Its handler serves one request in `handle` and knows no other way."""
    module = sys.modules.get('wsgiref.simple_server')
    return module is not None and isinstance(handler, module.WSGIRequestHandler)


def _process_request(self, request, client_address):
    handler = self.RequestHandlerClass.__new__(self.RequestHandlerClass) if isinstance(self.RequestHandlerClass, type) else None
    if getattr(self, '_parked', None) is None or not hasattr(handler, 'handle_one_request') or _is_wsgiref(handler):
        self.process_request_thread(request, client_address)
        return
    handler.request, handler.client_address, handler.server = request, client_address, self
    handler.setup()
    handler.close_connection = True
    _park(self, handler)


def _serve_forever(self, poll_interval=0.5):
    import selectors
    self._BaseServer__is_shut_down.clear()
    try:
        with selectors.DefaultSelector() as selector:
            self._parked = selector
            selector.register(self, selectors.EVENT_READ)
            while not self._BaseServer__shutdown_request:
                for key, _ in selector.select(poll_interval):
                    if key.data is None:
                        self._handle_request_noblock()
                    else:
                        _serve_ready(self, key.data)
                self.service_actions()
    finally:
        self._parked = None
        self._BaseServer__shutdown_request = False
        self._BaseServer__is_shut_down.set()


def _patch_socketserver(module):
    module.ThreadingMixIn.process_request = _process_request
    module.ThreadingMixIn.serve_forever = _serve_forever


def _patch_futures(module):
    def submit(self, function, /, *arguments, **keywords):
        from concurrent.futures import Future
        future = Future()
        try:
            future.set_result(function(*arguments, **keywords))
        except Exception as error:
            future.set_exception(error)
        return future

    module.ThreadPoolExecutor.submit = submit


_PATCHES = {'socketserver': _patch_socketserver, 'concurrent.futures.thread': _patch_futures}


class _Loader:
    """Stands before a module's own loader, which other modules share."""

    def __init__(self, loader, patch):
        self._loader, self._patch = loader, patch

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        self._patch(module)

    def __getattr__(self, name):
        return getattr(self._loader, name)


class _Finder:
    """Patches a module right after it was first imported."""

    def find_spec(self, name, path=None, target=None):
        if name not in _PATCHES:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        if spec is None:
            return None
        spec.loader = _Loader(spec.loader, _PATCHES[name])
        return spec


def install():
    sys.meta_path.insert(0, _Finder())
