"""
Makes `src/Wasmrun.Runtimes/Python/python.functions`: which functions of the interpreter are in the part that is compiled for every start, and which in those
that are compiled when they are called. See README.md.

    functions.py instrument MODULE OUT     a module whose exported globals p0, p1... are 1 after the function of this number was called
    functions.py plan MODULE n RECORD... u RECORD... l RECORD...
                                           the letters, from files with the numbers of the functions that were called, one in a line
"""
import sys

GLOBAL, EXPORT, CODE, IMPORT = 6, 7, 10, 2
ONE_NUMBER = {0x0c, 0x0d, 0x10, *range(0x20, 0x27), 0x41, 0x42, 0xd2, 2, 3, 4}
NOTHING = {0, 1, 5, 0x0b, 0x0f, 0x1a, 0x1b, *range(0x45, 0xc5)}
FIXED = {0x3f: 1, 0x40: 1, 0x43: 4, 0x44: 8}


def number(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def encode(value):
    result = bytearray()
    while True:
        result.append(value & 127 | (128 if value > 127 else 0))
        value >>= 7
        if not value:
            return bytes(result)


def skip(data, at, count=1):
    for _ in range(count):
        _, at = number(data, at)
    return at


def sections(module):
    at = 8
    while at < len(module):
        size, start = number(module, at + 1)
        yield module[at], start, start + size
        at = start + size


def bodies(module):
    start = next(start for kind, start, _ in sections(module) if kind == CODE)
    count, at = number(module, start)
    for _ in range(count):
        size, at = number(module, at)
        yield at, at + size
        at += size


def locals_end(module, at):
    count, at = number(module, at)
    for _ in range(count):
        at = skip(module, at) + 1
    return at


def calls(module, at, end):
    """The functions that a body calls by their number."""
    at = locals_end(module, at)
    while at < end:
        code = module[at]
        at += 1
        if code in ONE_NUMBER:
            value, at = number(module, at)
            if code == 0x10:
                yield value
        elif code in FIXED:
            at += FIXED[code]
        elif code == 0x11 or 0x28 <= code <= 0x3e:
            at = skip(module, at, 2)
        elif code == 0x0e:
            count, at = number(module, at)
            at = skip(module, at, count + 1)
        elif code == 0xfc:
            kind, at = number(module, at)
            at = at if kind < 8 else skip(module, at, 2 if kind in (8, 10, 12, 14) else 1)
        elif code not in NOTHING:
            raise ValueError('instruction %#x' % code)


def instrument(module):
    places = list(bodies(module))
    globals_ = next(number(module, start)[0] for kind, start, _ in sections(module) if kind == GLOBAL)
    result = bytearray(module[:8])
    for kind, start, end in sections(module):
        count, rest = number(module, start)
        content = module[start:end]
        if kind == GLOBAL:
            content = encode(count + len(places)) + module[rest:end] + b'\x7f\x01\x41\x00\x0b' * len(places)
        elif kind == EXPORT:
            names = [b'p%d' % i for i in range(len(places))]
            content = encode(count + len(places)) + module[rest:end] + b''.join(encode(len(name)) + name + b'\x03' + encode(globals_ + i) for i, name in enumerate(names))
        elif kind == CODE:
            content = encode(count)
            parts = [content]
            for i, (first, last) in enumerate(places):
                middle = locals_end(module, first)
                body = module[first:middle] + b'\x41\x01\x24' + encode(globals_ + i) + module[middle:last]
                parts.append(encode(len(body)) + body)
            content = b''.join(parts)
        result += bytes([kind]) + encode(len(content)) + content
    return bytes(result)


def plan(module, recorded):
    imported = next(number(module, start)[0] for kind, start, _ in sections(module) if kind == IMPORT)
    places = list(bodies(module))
    homes = ['f'] * len(places)
    for letter, functions in reversed(recorded):
        for function in functions:
            homes[function] = letter
    for kind, start, end in sections(module):
        count, at = number(module, start)
        for _ in range(count if kind == EXPORT else 0):
            size, at = number(module, at)
            what, (index, at) = module[at + size], number(module, at + size + 1)
            if what == 0:
                homes[index - imported] = 'n'
    called = {index - imported for i, (start, end) in enumerate(places) for index in calls(module, start, end) if index >= imported and homes[index - imported] != homes[i]}
    return ''.join(home.upper() if i in called else home for i, home in enumerate(homes))


def read_records(arguments):
    """The numbers in the files after each letter."""
    recorded = []
    for argument in arguments:
        if len(argument) == 1:
            recorded.append((argument, set()))
        else:
            with open(argument, encoding='ascii') as file:
                recorded[-1][1].update(int(line) for line in file)
    return recorded


if __name__ == '__main__':
    with open(sys.argv[2], 'rb') as file:
        given = file.read()
    if sys.argv[1] == 'instrument':
        with open(sys.argv[3], 'wb') as file:
            file.write(instrument(given))
    else:
        letters = plan(given, read_records(sys.argv[3:]))
        print('\n'.join(letters[i:i + 120] for i in range(0, len(letters), 120)))
