"""What `hashlib` has from OpenSSL alone, which the interpreter lacks: keys from passwords."""


def _patch_hashlib(module):
    def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
        if not isinstance(hash_name, str):
            raise TypeError('hash_name must be a text, not %s' % type(hash_name).__name__)
        inner, outer = module.new(hash_name), module.new(hash_name)
        dklen = outer.digest_size if dklen is None else dklen
        if iterations < 1:
            raise ValueError('iteration value must be greater than 0.')
        if dklen < 1:
            raise ValueError('key length must be greater than 0.')
        password = bytes(password)
        if len(password) > inner.block_size:
            password = module.new(hash_name, password).digest()
        number = int.from_bytes(password.ljust(inner.block_size, b'\0'), 'big')
        for half, pad in ((inner, b'\x36'), (outer, b'\x5c')):
            half.update((number ^ int.from_bytes(pad * inner.block_size, 'big')).to_bytes(inner.block_size, 'big'))
        key = b''
        while len(key) < dklen:
            key += _block(inner.copy, outer.copy, bytes(salt) + (len(key) // outer.digest_size + 1).to_bytes(4, 'big'), iterations)
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

    if not hasattr(module, 'pbkdf2_hmac'):
        module.pbkdf2_hmac = pbkdf2_hmac


PATCHES = {'hashlib': _patch_hashlib}
