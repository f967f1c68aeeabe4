"""Runs a script's rules where they are written, and counts those that were kept."""
import contextlib
import traceback

_kept = 0


def rule(function):
    global _kept
    try:
        function()
        print('kept', function.__name__)
        _kept += 1
    except BaseException:
        print('FAILED', function.__name__)
        traceback.print_exc()
    return function


@contextlib.contextmanager
def fails(kind, text=''):
    try:
        yield
    except kind as error:
        assert text in str(error), '%r does not say %r' % (error, text)
    else:
        raise AssertionError('no ' + str(kind))


def done():
    print('%d rules kept' % _kept)
