"""What a sandbox cannot have says so, and says what to do."""
import os
import subprocess
import urllib.error
import urllib.request

from rules import done, fails, rule


@rule
def tls():
    with fails(ImportError, 'a proxy that speaks TLS'):
        import ssl


@rule
def https():
    with fails(urllib.error.URLError, 'no TLS'):
        urllib.request.urlopen('https://example.com')


@rule
def processes():
    for call in (lambda: subprocess.run(['ls']), lambda: subprocess.check_output('ls', shell=True), lambda: os.system('ls'), lambda: os.popen('ls'), lambda: os.execv('/ls', ['ls'])):
        with fails(OSError, 'run the program as a service'):
            call()


@rule
def multiprocessing():
    with fails(ImportError, 'deploy.replicas'):
        import multiprocessing


@rule
def process_pools():
    with fails(ImportError, 'deploy.replicas'):
        from concurrent.futures import ProcessPoolExecutor
    with fails(ImportError, 'deploy.replicas'):
        from concurrent.futures import process


@rule
def native_code():
    with fails(ImportError, 'no native code'):
        import ctypes


@rule
def unix_sockets():
    import socket
    assert not hasattr(socket, 'AF_UNIX')
    with fails(OSError, 'TCP and UDP'):
        socket.socket(3, socket.SOCK_STREAM)


@rule
def native_extension_modules_by_their_name():
    import sys
    folder = '/tmp/native'
    os.makedirs(folder + '/fast')
    open(folder + '/_speed.cpython-312-x86_64-linux-gnu.so', 'wb').close()
    open(folder + '/fast/__init__.py', 'w').close()
    open(folder + '/fast/_inner.abi3.so', 'wb').close()
    sys.path.append(folder)
    with fails(ModuleNotFoundError, "'_speed': /tmp/native/_speed.cpython-312-x86_64-linux-gnu.so is machine code for another system"):
        import _speed
    os.makedirs(folder + '/pydantic_core')
    with open(folder + '/pydantic_core/__init__.py', 'w') as file:
        file.write('from ._pydantic_core import ValidationError')
    open(folder + '/pydantic_core/_pydantic_core.cpython-312-x86_64-linux-gnu.so', 'w').close()
    with fails(ModuleNotFoundError, "ask for 'pydantic<2', and with FastAPI for 'fastapi<0.100', in requirements.txt"):
        import pydantic_core
    with fails(ModuleNotFoundError, '/tmp/native/fast/_inner.abi3.so is machine code'):
        import fast._inner
    with fails(ModuleNotFoundError, '/tmp/native/fast/_inner.abi3.so is machine code'):
        from fast import _inner
    sys.path.remove(folder)


@rule
def other_modules_are_missing_as_usual():
    with fails(ModuleNotFoundError, "No module named 'no_such_module'"):
        import no_such_module


done()
