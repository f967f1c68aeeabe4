"""The device files below /net: how a descriptor of the network is opened, asked and told."""
import os

READ_WRITE = os.O_RDWR | os.O_NONBLOCK


def open_new(kind):
    """A descriptor that never blocks: who waits does so in `wasmrun_wait`, where the rest of the program goes on."""
    return os.open('/net/' + kind, READ_WRITE)


def folder(fd):
    """Where a socket's files are. They go by its inode number, because the interpreter has descriptor numbers of its own."""
    return '/net/ctl/%d/' % os.fstat(fd).st_ino


def read_text(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 65536).decode().strip()
    finally:
        os.close(fd)


def command(place, *words):
    control = os.open(place + 'control', os.O_RDWR)
    try:
        os.write(control, ' '.join(map(str, words)).encode())
    finally:
        os.close(control)
