"""What `os` lacks for descriptors: pipes are pairs of sockets that go one way, and only sockets can be doubled."""
import errno
import os

import wasmrun_device as device


def _pipe():
    reading = os.open('/net/pair', os.O_RDWR)
    place = device.folder(reading)
    writing = os.open(place + 'mate', os.O_RDWR)
    device.command(place, 'shutdown', 'write')
    device.command(device.folder(writing), 'shutdown', 'read')
    return reading, writing


def _dup(fd):
    try:
        return os.open(device.folder(fd) + 'dup', os.O_RDWR)
    except FileNotFoundError:
        raise OSError(errno.ENOTSUP, 'a wasmrun sandbox doubles the descriptors of sockets alone: open the file again') from None


def _dup2(fd, fd2, inheritable=True):
    raise OSError(errno.ENOTSUP, 'a wasmrun sandbox moves no descriptor to a number that is asked for: use os.dup for a socket, or sys.stdout for output')


def install():
    os.pipe, os.dup, os.dup2 = _pipe, _dup, _dup2
