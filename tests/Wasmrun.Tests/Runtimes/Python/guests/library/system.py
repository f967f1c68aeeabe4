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
