"""What the interpreter says of the system that it runs on."""
import hashlib
import os
import platform
import signal
import socket
import sys
import time

from rules import done, fails, rule


@rule
def the_environment_names_no_descriptors():
    assert not [name for name in os.environ if name.startswith('LISTEN')]


@rule
def time_of_the_process_counts_in_seconds():
    begun, nanoseconds, times = time.process_time(), time.process_time_ns(), os.times()
    moment = time.monotonic()
    time.sleep(0.1)
    passed = time.monotonic() - moment
    assert 0 <= begun < 3600
    assert 0 <= time.process_time() - begun < passed + 1
    assert 0 <= time.process_time_ns() - nanoseconds < (passed + 1) * 1e9
    assert 0 <= os.times().user - times.user < passed + 1
    assert 0.1 <= os.times().elapsed - times.elapsed < passed + 1


@rule
def output_is_no_terminal():
    assert not os.isatty(1) and not os.isatty(2)
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.stdout.buffer):
        assert not stream.isatty()


@rule
def the_host_has_the_name_of_the_service():
    assert os.uname().nodename == platform.node() == socket.gethostname() != ''


@rule
def keys_are_made_from_passwords():
    assert hashlib.pbkdf2_hmac('sha256', b'password', b'salt', 1000).hex() == '632c2812e46d4604102ba7618e9d6d7d2f8128f6266b4a03264d2a0460b7dcb3'
    long = hashlib.pbkdf2_hmac('sha1', b'p' * 100, b'salt', 2, 50)
    assert long.hex() == '01ea597c3f4afed0588e6820dca16da80ae34760bbb87ca97056b32d1a08c1931bb50b92fa8eba795c258bf8e7f5ace0c4ea'
    with fails(ValueError, 'greater than 0'):
        hashlib.pbkdf2_hmac('sha256', b'password', b'salt', 0)
    # Not by the host: another hash, and a salt that is longer than it takes.
    assert hashlib.pbkdf2_hmac('sha3_256', b'password', b'salt', 10).hex() == '30a385e047f4ef78f3f9a1713b0dd4117b75f418fc1f90b0649c38b6f0dacac4'
    salt = b's' * (1 << 20)
    short = hashlib.pbkdf2_hmac('sha256', b'password', salt[100:], 2)
    assert hashlib.pbkdf2_hmac('sha256', b'password', salt, 2) != short == hashlib.pbkdf2_hmac('SHA256', b'password', bytearray(salt[100:]), 2)


@rule
def keys_are_made_by_scrypt():
    assert hashlib.scrypt(b'password', salt=b'NaCl', n=1024, r=8, p=16, dklen=64).hex() == (
        'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640')
    assert hashlib.scrypt(b'p' * 100, salt=b'', n=16, r=1, p=1, dklen=70).hex() == (
        'abca029c2df105a97f4facbec0217681c3b3d13022f9e68394932f970e92dda4672ee8e773a849f9b8dcd14778997bed4efca615b3b8af6266a588f5a035e7097a483de88cfd')
    with fails(TypeError, 'salt is required'):
        hashlib.scrypt(b'')
    with fails(TypeError, 'p is required'):
        hashlib.scrypt(b'', salt=b'', n=16, r=8)
    with fails(ValueError, 'power of 2'):
        hashlib.scrypt(b'', salt=b'', n=3, r=1, p=1)
    for wrong in {'r': 0}, {'n': 1 << 20}, {'n': 1 << 16}, {'p': 1 << 30}, {'r': 1 << 29}, {'maxmem': 1000}:
        with fails(ValueError, 'Invalid parameter combination'):
            hashlib.scrypt(b'', salt=b'', **{'n': 16, 'r': 1, 'p': 1, **wrong})
    with fails(MemoryError, 'more memory'):
        hashlib.scrypt(b'', salt=b'', n=1 << 20, r=8, p=1, maxmem=(1 << 31) - 1)
    with fails(ValueError, 'beyond what'):
        hashlib.scrypt(b'', salt=bytes(1 << 20), n=16, r=1, p=1)


@rule
def what_the_host_derives_keys_from_is_checked_there_too():
    for function, *wrong in (
            ('scrypt', '', '16 1 1 64 0', '\n', '16 1 1 64\n', '16 1 1 64 4\nabc', '16 1 1 64 -1\n', '+16 1 1 64 0\n', '15 1 1 64 0\n', '1 1 1 64 0\n', '16 65537 1 64 0\n',
             '16 1024 1048576 64 0\n', '16 1 1 0 0\n', '16 1 1 1048577 0\n', '16 1 1 99999999999 0\n', '16  1 1 64 0\n', '9' * 200 + ' 1 1 64 0\n'),
            ('pbkdf2', '\n', 'md5 1 20 0\n', 'sha256 0 20 0\n', 'sha256 1 1048577 0\n', 'sha256 1 20 1 0\n', 'sha256 2147483648 20 0\n')):
        file = os.open('/.wasmrun/keys/' + function, os.O_RDWR)
        for arguments in wrong:
            with fails(OSError, 'Invalid argument'):
                os.write(file, arguments.encode())
            assert os.read(file, 10) == b''
        os.close(file)


@rule
def a_program_signals_itself_and_nobody_else():
    heard = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), 0)
    signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]
    with fails(ProcessLookupError, 'no other process'):
        os.kill(os.getpid() + 1, 0)


done()
