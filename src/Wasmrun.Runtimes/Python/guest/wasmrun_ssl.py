"""Stands for `ssl` in packages that import it whether they need it or not: its names are there, and whoever wants to use it is told what to do."""
import enum

_REASON = 'there is no TLS in a wasmrun sandbox: put a proxy that speaks TLS before the service, and call others over plain HTTP'

HAS_SNI = HAS_ALPN = HAS_NPN = HAS_TLSv1_2 = HAS_TLSv1_3 = False
OPENSSL_VERSION, OPENSSL_VERSION_INFO, OPENSSL_VERSION_NUMBER = 'none', (0, 0, 0, 0, 0), 0


class SSLError(OSError):
    pass


class SSLZeroReturnError(SSLError):
    pass


class SSLWantReadError(SSLError):
    pass


class SSLWantWriteError(SSLError):
    pass


class SSLSyscallError(SSLError):
    pass


class SSLEOFError(SSLError):
    pass


class SSLCertVerificationError(SSLError, ValueError):
    pass


CertificateError = SSLCertVerificationError


class VerifyMode(enum.IntEnum):
    CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = 0, 1, 2


CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = VerifyMode


class Purpose(enum.Enum):
    SERVER_AUTH, CLIENT_AUTH = 'server', 'client'


class _Absent:
    def __init__(self, *arguments, **keywords):
        raise SSLError(_REASON)


class SSLContext(_Absent):
    pass


class SSLSocket(_Absent):
    pass


class SSLObject(_Absent):
    pass


class MemoryBIO(_Absent):
    pass


def create_default_context(*arguments, **keywords):
    raise SSLError(_REASON)


_create_default_https_context = _create_unverified_context = wrap_socket = create_default_context
