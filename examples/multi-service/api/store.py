"""A client of the store, which speaks the protocol of Redis."""
import select
import socket
import threading

TIMEOUT_SECONDS = 2


class StoreError(Exception):
    """The store did not answer; the message says why."""


class Store:
    """Keeps one connection, and opens a new one when that is gone, so the store may restart at any time."""

    def __init__(self, address):
        host, _, port = address.rpartition(':')
        self._address = (host, int(port))
        self._connection = self._replies = None
        self._lock = threading.Lock()

    def ask(self, *words):
        """Sends one command and returns its reply: a number, bytes, or None. An error of the store is a ValueError."""
        with self._lock:
            try:
                self._connect()
                parts = [word.encode() for word in words]
                self._connection.sendall(b'*%d\r\n' % len(parts) + b''.join(b'$%d\r\n%s\r\n' % (len(part), part) for part in parts))
                return self._read()
            except OSError as error:
                self._forget()
                raise StoreError(str(error)) from error

    def _connect(self):
        if self._connection is not None and select.select([self._connection], [], [], 0)[0]:
            # Nothing is due, so this can only be its end.
            self._forget()
        if self._connection is None:
            self._connection = socket.create_connection(self._address, TIMEOUT_SECONDS)
            self._replies = self._connection.makefile('rb')

    def _forget(self):
        if self._connection is not None:
            self._replies.close()
            self._connection.close()
            self._connection = self._replies = None

    def _read(self):
        line = self._replies.readline()
        if not line.endswith(b'\r\n'):
            raise ConnectionError('the connection was closed')
        kind, text = line[:1], line[1:-2]
        if kind == b':':
            return int(text)
        if kind == b'+':
            return text
        if kind == b'-':
            raise ValueError(text.decode())
        length = int(text)
        return None if length < 0 else self._replies.read(length + 2)[:-2]
