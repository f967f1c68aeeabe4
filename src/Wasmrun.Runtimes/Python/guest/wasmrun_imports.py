"""Changes modules of the library right after their first import, adds those the interpreter lacks, and explains those it cannot have."""
import errno
import importlib.util
import os
import sys
import time

_HERE = os.path.dirname(__file__)
_ALTERNATIVES = {
    'ssl': 'there is no TLS in a wasmrun sandbox: put a proxy that speaks TLS before the service, and call others over plain HTTP',
    '_ssl': 'there is no TLS in a wasmrun sandbox: put a proxy that speaks TLS before the service, and call others over plain HTTP',
    'multiprocessing': 'a wasmrun sandbox starts no processes: set `deploy.replicas` for several instances, or run the work as a service of its own',
    '_multiprocessing': 'a wasmrun sandbox starts no processes: set `deploy.replicas` for several instances',
    'concurrent.futures.process': 'a wasmrun sandbox starts no processes: use ThreadPoolExecutor, or `deploy.replicas`',
    'ctypes': 'a wasmrun sandbox has no native code to call',
    '_ctypes': 'a wasmrun sandbox has no native code to call',
    'fcntl': 'a wasmrun sandbox has no fcntl; os.set_blocking is there',
    'mmap': 'a wasmrun sandbox maps no files into memory: read them',
    'resource': 'limits of a wasmrun service are set in the manifest: `deploy.resources.limits`',
    'lzma': 'this interpreter has no lzma; zlib, gzip and bz2 are there',
    '_lzma': 'this interpreter has no lzma; zlib, gzip and bz2 are there',
}

#: Packages that import `ssl` without being asked for TLS, and fail when it is not there.
_WITHOUT_NEED = ('anyio',)

#: Files beside this one that stand for modules which the interpreter lacks.
replacements = {'concurrent.futures.thread': 'wasmrun_executor.py'}


def _refuse_processes(*arguments, **keywords):
    raise OSError(errno.ENOTSUP, 'a wasmrun sandbox starts no processes: run the program as a service of the stack')


def _patch_subprocess(module):
    module.Popen.__init__ = _refuse_processes
    module.Popen.__del__ = lambda self: None


def _patch_urllib(module):
    def unknown_open(self, request):
        if request.type == 'https':
            raise module.URLError(_ALTERNATIVES['ssl'])
        raise module.URLError('unknown url type: %s' % request.type)

    module.UnknownHandler.unknown_open = unknown_open


def _patch_anyio_threads(module):
    """Starlette and FastAPI run functions that are not `async` in a thread; here they are run at once, as in `asyncio.to_thread`."""
    async def run_sync(function, *arguments, cancellable=False, abandon_on_cancel=False, limiter=None):
        return function(*arguments)

    module.run_sync = run_sync


#: What is done to a module after its import, by its name.
patches = {'subprocess': _patch_subprocess, 'urllib.request': _patch_urllib, 'anyio.to_thread': _patch_anyio_threads}


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


class _Before:
    """Asked before all others: patches, and supplies what is missing."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in replacements:
            return importlib.util.spec_from_file_location(name, os.path.join(_HERE, replacements[name]))
        if name not in patches:
            return None
        for finder in sys.meta_path:
            spec = None if finder is _Before else finder.find_spec(name, path, target)
            if spec is not None:
                spec.loader = _Loader(spec.loader, patches[name])
                return spec
        return None


class _After:
    """Asked when nobody has the module."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        reason = _ALTERNATIVES.get(name)
        if name == 'ssl' and _importer() in _WITHOUT_NEED:
            return importlib.util.spec_from_file_location(name, os.path.join(_HERE, 'wasmrun_ssl.py'))
        if reason is None:
            reason = _native(name, path)
        if reason is None:
            return None
        # `from package import module` says nothing of why, if the error bears the name of that module.
        raise ModuleNotFoundError("No module named %r: %s" % (name, reason), name=None if '.' in name else name)


def _importer():
    """The package whose import is being answered."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_globals.get('__name__', '').startswith('importlib.'):
        frame = frame.f_back
    return '' if frame is None else frame.f_globals.get('__name__', '').partition('.')[0]


#: What to do about packages that have pure Python in other versions.
_REMEDIES = {'pydantic_core': "pydantic 1 is pure Python: ask for 'pydantic<2', and with FastAPI for 'fastapi<0.100', in requirements.txt and install again"}


def _native(name, path):
    """A module that is there as machine code of some other system."""
    tail = name.rpartition('.')[2]
    for folder in path or sys.path:
        try:
            entries = os.listdir(folder)
        except OSError:
            continue
        for entry in entries:
            if entry.endswith('.so') and entry.split('.', 1)[0] == tail:
                return '%s is machine code for another system, which a WebAssembly guest cannot load; %s' % (
                    os.path.join(folder, entry), _REMEDIES.get(name.partition('.')[0], 'use a pure Python package instead'))
    return None


#: Byte code is known to be of a file by its size and by its time in whole seconds, so it is not kept of one that may be saved again within the same.
_SETTLED = 2.0


def _keep_byte_code_of_settled_files():
    from importlib.machinery import SourceFileLoader
    plain = SourceFileLoader._cache_bytecode

    def _cache_bytecode(self, source_path, bytecode_path, data):
        if not -_SETTLED < time.time() - os.stat(source_path).st_mtime < _SETTLED:
            plain(self, source_path, bytecode_path, data)

    SourceFileLoader._cache_bytecode = _cache_bytecode


def install():
    _keep_byte_code_of_settled_files()
    sys.meta_path.insert(0, _Before)
    sys.meta_path.append(_After)
    for name in ('system', 'execv', 'execve', 'execvp', 'execl', 'execlp'):
        if not hasattr(os, name):
            setattr(os, name, _refuse_processes)
