"""What `hashlib` has from OpenSSL alone, which the interpreter lacks: keys from passwords. The host derives most of them."""
import errno
import os

_FUNCTIONS = '/.wasmrun/keys/'
#: The hashes for which the host derives keys; for others the interpreter does it, in Python.
_FAST = ('sha1', 'sha256', 'sha384', 'sha512')
_MOST = 0x7FFFFFFF
_USUAL_MEMORY = 32 << 20


def _derive(function, words, password, salt):
    """Has the host derive a key; raises OSError."""
    fd = os.open(_FUNCTIONS + function, os.O_RDWR)
    try:
        os.write(fd, b'%s %d\n%s%s' % (' '.join(map(str, words)).encode(), len(password), password, salt))
        key = b''
        while part := os.read(fd, 1 << 16):
            key += part
        return key
    finally:
        os.close(fd)


def _patch_hashlib(module):
    def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
        if not isinstance(hash_name, str):
            raise TypeError('hash_name must be a text, not %s' % type(hash_name).__name__)
        inner, outer = module.new(hash_name), module.new(hash_name)
        dklen = outer.digest_size if dklen is None else dklen
        if iterations < 1:
            raise ValueError('iteration value must be greater than 0.')
        if iterations > _MOST:
            raise OverflowError('iteration value is too great.')
        if dklen < 1:
            raise ValueError('key length must be greater than 0.')
        password, salt = memoryview(password).tobytes(), memoryview(salt).tobytes()
        if len(password) > inner.block_size:
            password = module.new(hash_name, password).digest()
        if inner.name in _FAST:
            try:
                return _derive('pbkdf2', (inner.name, iterations, dklen), password, salt)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.EMSGSIZE):
                    raise
                # Longer than the host takes it.
        number = int.from_bytes(password.ljust(inner.block_size, b'\0'), 'big')
        for half, pad in ((inner, b'\x36'), (outer, b'\x5c')):
            half.update((number ^ int.from_bytes(pad * inner.block_size, 'big')).to_bytes(inner.block_size, 'big'))
        key = b''
        while len(key) < dklen:
            key += _block(inner.copy, outer.copy, salt + (len(key) // outer.digest_size + 1).to_bytes(4, 'big'), iterations)
        return key[:dklen]

    def _block(inner, outer, block, iterations):
        """One block of the key; nearly all of the time is spent in here."""
        total, number = 0, int.from_bytes
        for _ in range(iterations):
            first, second = inner(), outer()
            first.update(block)
            second.update(first.digest())
            block = second.digest()
            total ^= number(block, 'big')
        return total.to_bytes(len(block), 'big')

    def scrypt(password, *, salt=None, n=None, r=None, p=None, maxmem=0, dklen=64):
        if salt is None:
            raise TypeError('salt is required')
        for name, value in (('n', n), ('r', r), ('p', p)):
            if not isinstance(value, int) or value < 0:
                raise TypeError('%s is required and must be an unsigned int' % name)
        if n < 2 or n & n - 1:
            raise ValueError('n must be a power of 2.')
        if not 0 <= maxmem <= _MOST:
            raise ValueError('maxmem must be positive and smaller than %d' % _MOST)
        if not 1 <= dklen <= _MOST:
            raise ValueError('dklen must be greater than 0 and smaller than %d' % _MOST)
        password, salt = memoryview(password).tobytes(), memoryview(salt).tobytes()
        if r < 1 or p < 1 or r * p >= 1 << 30 or r < 4 and n >= 1 << 16 * r or 128 * r * (n + p + 2) > (maxmem or _USUAL_MEMORY):
            raise ValueError('Invalid parameter combination for n, r, p, maxmem.')
        if len(password) > 64:
            password = module.sha256(password).digest()
        try:
            return _derive('scrypt', (n, r, p, dklen), password, salt)
        except OSError as error:
            if error.errno == errno.ENOMEM:
                raise MemoryError('n, r and p ask for more memory than the service may have') from None
            if error.errno in (errno.EINVAL, errno.EMSGSIZE):
                raise ValueError('salt, r or dklen is beyond what a wasmrun sandbox takes: 1 MB, 65536 and 64 KB') from None
            raise

    if not hasattr(module, 'pbkdf2_hmac'):
        module.pbkdf2_hmac = pbkdf2_hmac
    if not hasattr(module, 'scrypt'):
        module.scrypt = scrypt


PATCHES = {'hashlib': _patch_hashlib}
