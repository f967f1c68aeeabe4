"""What programs of all kinds do, so that the functions of the interpreter that do it are known. Its results are of no interest."""
import abc, argparse, array, ast, asyncio, base64, bisect, calendar, collections, configparser, contextlib, contextvars, copy, csv, dataclasses, datetime, decimal
import difflib, email.message, enum, fractions, functools, gc, glob, gzip, hashlib, heapq, hmac, html, html.parser, inspect, io, itertools, json, logging, math, mimetypes
import operator, os, pathlib, pickle, pprint, queue, random, re, secrets, shutil, socket, sqlite3, statistics, string, struct, sys, tempfile, textwrap, threading
import time, traceback, types, typing, unicodedata, unittest, urllib.parse, uuid, warnings, weakref, xml.etree.ElementTree, zipfile, zlib, zoneinfo


def numbers():
    big = 3 ** 400
    for value in (big, -big, 7, 0):
        str(value), hex(value), value.bit_length(), value * value, value // 9, value % 9, value << 3, value >> 3, value & 255, value | 1, value ^ 5, int(str(value)), float(7)
        '%d %5d %-5d %x' % (value, 1, 2, 3), f'{value:,}', value.to_bytes(100, 'big', signed=True), hash(value)
    pow(3, 400, 17), divmod(-7, 2), round(2.567, 2), abs(-1), sum([0.1] * 9), math.sqrt(2), math.floor(2.5), math.gcd(12, 18), math.log(2), math.isclose(1, 1.0)
    for value in (1.5, -0.1, 1e300, 1e-7, float('inf'), float('nan')):
        str(value), repr(value), '%.3f' % value, f'{value:.2e}', value.is_integer(), value == 1, value < 2, hash(value), value * 2 / 3 - 1, round(value, 1) if value < 1e200 else 0
    complex(1, 2) * 2j, float('1e5'), int('ff', 16), int.from_bytes(b'\1\2', 'little'), 0.5.as_integer_ratio(), 5 / 2, -7 // 2, 2 ** -1, True + 1
    decimal.Decimal('1.10') * 3 / 7 + decimal.Decimal(2).sqrt(), str(decimal.Decimal('1.1').quantize(decimal.Decimal('.01'))), fractions.Fraction(1, 3) + 1
    random.seed(1), random.random(), random.randint(1, 9), random.choice('abc'), random.shuffle([1, 2, 3]), random.sample(range(9), 2), statistics.mean([1, 2]), secrets.token_hex(8), uuid.uuid4()


def texts():
    text = 'Straße größer ёж 日本 \U0001f600 a,b;c\n x '
    for value in (text, 'plain ascii, words', 'é' * 3, ''):
        value.upper(), value.lower(), value.title(), value.casefold(), value.strip(), value.split(), value.split(','), value.rsplit(' ', 1), value.splitlines(), value.partition(',')
        value.replace('a', 'bb'), value.find('x'), value.rfind('x'), value.count('a'), value.startswith('p'), value.endswith(('x', ' ')), value.encode(), value.encode('utf-16')
        value.isalpha(), value.isdigit(), value.isalnum(), value.isspace(), value.center(60), value.ljust(50), value.rjust(50), value.zfill(50), value[::-1], value[1:5], value * 2, repr(value), ascii(value)
        value.encode('latin-1', 'replace'), value.encode('ascii', 'xmlcharrefreplace'), value.isidentifier(), value.swapcase(), hash(value), value < 'b', 'a' in value, ','.join(value), value.expandtabs()
        unicodedata.normalize('NFKD', value), html.escape(value), html.unescape('&lt;&eacute;'), urllib.parse.quote(value), urllib.parse.unquote('%C3%A9+'), textwrap.fill(value * 9), value.translate({97: 'z'})
        value.removeprefix('p'), value.removesuffix('x'), '{!r:>20} {0}'.format(value) if False else '{0!r:>20} {x}'.format(value, x=1), '%s %r %(a)s' % {'a': 1} if False else '%s|%r' % (value, value), f'{value!s:^30}'
        string.Template('$a').substitute(a=value)
    b'a\xff'.decode('utf-8', 'replace'), b'abc'.decode('ascii'), 'x'.encode('utf-8').decode('utf-8-sig'), bytes.fromhex('00ff').hex(), b'a,b'.split(b','), b'abc'.find(b'c'), b' a '.strip(), b'a' + b'b', b'%d' % 3
    data = bytearray(b'abc'); data.extend(b'def'); data[1:2] = b'xx'; del data[0]; data.append(1); data.pop(); data.find(b'd'); memoryview(data)[1:3].tobytes(); bytes(data).translate(None, b'x')
    str.maketrans('ab', 'cd'), base64.b64encode(b'abc'), base64.b64decode('YWJj'), base64.urlsafe_b64encode(b'abc'), zlib.crc32(b'a'), struct.pack('<IhQd5s', 1, 2, 3, 4.0, b'x'), struct.unpack('>H', b'ab'), array.array('i', [1, 2]).tobytes()
    for pattern in (r'(\w+)\s*[,;](?P<x>.*)$', r'^a|b+?c{2,3}[^x-z]', r'(?i)STRA(?=\S)', r'(?<!x)\d+\.\d*', r'(a)(?:b)\1?', r'(?s:.)*?,'):
        compiled = re.compile(pattern)
        compiled.search(text), compiled.match(text), compiled.findall(text), compiled.sub(lambda match: match.group(0), text), compiled.split(text), compiled.fullmatch(text), [m.span() for m in compiled.finditer(text)], compiled.sub(r'[\g<0>]', text)
    re.escape('a.b'), re.compile(r'x', re.VERBOSE | re.MULTILINE), list(difflib.unified_diff(['a'], ['b']))


@dataclasses.dataclass(order=True)
class Point:
    x: int = 0
    y: list = dataclasses.field(default_factory=list)


class Colour(enum.Enum):
    RED = 1
    BLUE = enum.auto()


class Base(abc.ABC):
    __slots__ = ('value', '__weakref__')

    def __init__(self, value): self.value = value
    def __eq__(self, other): return self.value == other.value
    def __lt__(self, other): return self.value < other.value
    def __hash__(self): return hash(self.value)
    def __add__(self, other): return type(self)(self.value + other.value)
    def __getitem__(self, index): return [1, 2, 3][index]
    def __setitem__(self, index, value): pass
    def __delitem__(self, index): pass
    def __contains__(self, item): return True
    def __len__(self): return 3
    def __iter__(self): return iter((1, 2))
    def __call__(self, *arguments, **keywords): return arguments, keywords
    def __enter__(self): return self
    def __exit__(self, *error): return True
    def __getattr__(self, name): raise AttributeError(name)
    def __bool__(self): return True
    def __del__(self): pass
    def __repr__(self): return f'<{self.value}>'
    @property
    def doubled(self): return self.value * 2
    @doubled.setter
    def doubled(self, value): self.value = value / 2
    @classmethod
    def make(cls): return cls(1)
    @staticmethod
    def nothing(): return None
    @abc.abstractmethod
    def work(self): ...


class Derived(Base):
    def work(self): return super().__len__()


class Meta(type):
    def __new__(mcs, name, bases, space, **keywords): return super().__new__(mcs, name, bases, space)


class WithMeta(metaclass=Meta, flag=1):
    def __init_subclass__(cls, **keywords): super().__init_subclass__()
    def __set_name__(self, owner, name): pass


class Sub(WithMeta, flag=2): pass


def objects():
    a, b = Derived(1), Derived.make()
    a + b, a == b, a < b, a[0], a[1:2], 1 in a, len(a), list(a), a(1, x=2), bool(a), repr(a), str(a), a.doubled, a.work(), hasattr(a, 'nothing_there'), getattr(a, 'zz', None), isinstance(a, Base), issubclass(Derived, Base)
    a.doubled = 4; a[0] = 1; del a[0]; weakref.ref(a)(), weakref.WeakKeyDictionary({a: 1}), weakref.WeakValueDictionary(x=a), copy.copy(Point(1)), copy.deepcopy(Point(1, [2])), Point(1) < Point(2), dataclasses.asdict(Point(1)), dataclasses.replace(Point(1), x=2)
    weakref.finalize(a, print), Colour.RED.name, Colour(2), Colour['RED'], list(Colour), pickle.loads(pickle.dumps([Point(1, [2]), {1: 'a'}, (1.5, None, True), {1}, b'x', Colour.RED])), types.SimpleNamespace(a=1), typing.get_type_hints(Point), vars(Point(1)), dir(a)
    collections.namedtuple('Pair', 'a b')(1, 2)._replace(a=3), functools.partial(max, 1)(2), functools.reduce(operator.add, [1, 2]), functools.cmp_to_key(lambda p, q: p - q)(1), inspect.signature(objects), type('T', (Base,), {}), super(Derived, a).__len__()
    @functools.lru_cache(maxsize=2)
    def cached(x, /, y=1, *rest, z=2, **more): return x
    cached(1), cached(2), cached(3), cached(1, z=3), cached.cache_info()
    @functools.singledispatch
    def single(x): return x
    single.register(int, lambda x: x), single(1), single('a')
    class Cached:
        @functools.cached_property
        def value(self): return 1
    Cached().value, Cached.__mro__, Cached.__dict__, Cached.__doc__
    gc.collect(), sys.getsizeof(a), sys.getrefcount(a), id(a), callable(a), hash((1, 'a')), sys.intern('abc'), locals(), globals()['__name__']


def containers():
    numbers = [3, 1, 2]; numbers.sort(); numbers.sort(key=lambda x: -x, reverse=True); numbers.append(4); numbers.extend((5, 6)); numbers.insert(0, 0); numbers.remove(3); numbers.pop(); numbers.reverse(); numbers.index(1); numbers.count(1); numbers[1:2] = [7, 8]; del numbers[0]; numbers += [1]; numbers * 2
    sorted('hello'), sorted([(1, 'b'), (1, 'a')]), sorted([1.5, 0.5]), min(3, 1), max([1, 2], key=lambda x: x), sum([1, 2]), any([0, 1]), all([1]), list(zip('ab', [1, 2])), list(map(str, [1])), list(filter(None, [0, 1])), list(enumerate('ab')), list(reversed([1, 2])), list(range(0, 9, 3)), range(9)[2:5], tuple([1, 2]) + (3,), (1, 2).index(2)
    table = {'a': 1, 2: 'b', (1, 2): None, 1.5: 3}; table.update(c=3); table.setdefault('d', []).append(1); table.pop('a'); table.get('zz'); table.items(), list(table.values()), table | {'e': 1}, dict.fromkeys('ab', 0), {**table}, table.popitem(), table.copy(), 'c' in table, list(reversed(table)), table.keys() & {'c'}, table == {}; del table['c']; table.clear()
    for i in range(2000): table[i] = table[str(i)] = i
    one, two = {1, 2, 3}, {2, 5}; one | two, one & two, one - two, one ^ two, one <= two, one.add(9), one.discard(1), one.update([7]), one.pop(), frozenset(one), 2 in one, one.isdisjoint(two), {x for x in range(100)}, one.union([1]), one.intersection(two), one.difference(two)
    collections.Counter('hello').most_common(1), collections.defaultdict(list)['a'], collections.OrderedDict(a=1).move_to_end('a'), collections.deque([1, 2], maxlen=2).append(3), collections.deque([1]).popleft(), collections.ChainMap({}, {'a': 1})['a'], heapq.heappush([], 1), heapq.nsmallest(1, [2, 1]), bisect.bisect([1, 2], 1)
    list(itertools.chain([1], [2])), list(itertools.islice(itertools.count(), 3)), list(itertools.groupby('aab')), list(itertools.product('ab', repeat=2)), list(itertools.combinations('abc', 2)), list(itertools.permutations('ab')), list(itertools.zip_longest('a', 'bc')), list(itertools.accumulate([1, 2])), list(itertools.starmap(pow, [(2, 3)])), list(itertools.takewhile(bool, [1, 0])), itertools.tee([1]), list(itertools.repeat(1, 2)), next(itertools.cycle('a'))
    first, *rest = [1, 2, 3]; [x for x in range(9) if x % 2], {x: y for x, y in zip('ab', 'cd')}, (lambda *a, **k: (a, k))(*rest, **{'z': 1}), [*rest, first], slice(1, 2).indices(5), operator.itemgetter(1, 0)('ab'), operator.attrgetter('real')(1), pprint.pformat({'a': [1] * 50})


def fails():
    for action in (lambda: 1 / 0, lambda: [][1], lambda: {}['a'], lambda: int('x'), lambda: None.a, lambda: open('/nowhere'), lambda: 'a' + 1, lambda: undefined_name, lambda: exec('if'), lambda: __import__('nothing_here'), lambda: b'\xff'.decode(), lambda: next(iter(())), lambda: objects(1), lambda: json.loads('{'), lambda: (_ for _ in ()).throw(ValueError('x'))):
        try:
            action()
        except Exception as error:
            traceback.format_exc(), str(error), repr(error), error.__traceback__.tb_lineno
            try:
                raise RuntimeError('outer') from error
            except RuntimeError as outer:
                traceback.format_exception(outer)
        finally:
            pass
    with contextlib.suppress(KeyError): {}['a']
    def deep(n): return deep(n + 1)
    try: deep(0)
    except RecursionError: pass
    try: raise ExceptionGroup('g', [ValueError(1), TypeError(2)])
    except* ValueError: pass
    except* TypeError: pass
    with contextlib.ExitStack() as stack: stack.callback(len, 'a')
    warnings.warn('attention', stacklevel=2)
    assert True, 'never'
    class OwnError(Exception): pass
    try: raise OwnError('x', 1)
    except OwnError as error: error.add_note('note'), error.args


def generators():
    def count(n):
        got = yield n
        yield from range(2)
        return got
    generator = count(1); next(generator); generator.send(5); list(generator); count(1).close()
    @contextlib.contextmanager
    def managed(): yield 1
    with managed() as value: value
    def match(value):
        match value:
            case {'a': x, **rest}: return x
            case [1, *rest]: return rest
            case Point(x=1): return 1
            case str() | bytes(): return 2
            case _ if value: return 3
    for value in ({'a': 1}, [1, 2], Point(1), 'a', 3): match(value)
    code = compile(ast.parse('def f(a: int, *, b=1) -> str:\n    """d"""\n    global z\n    z = [i for i in a if i]\n    while z:\n        z.pop()\n        break\n    else:\n        return f"{a!r:>{b}}"\nclass C(list):\n    x: int = 1\n    def __getattr__(self, n):\n        nonlocal_ = lambda q=1: n\n        return nonlocal_\ntry:\n    import os as o\n    from sys import path\nexcept (ValueError, KeyError) as e:\n    raise\nasync def g():\n    async with a as b, c: await d\n    async for i in x: yield i\nx = y = 1 if 2 else 3\nx += 1; del y; assert x\n(w := 1)\nwith open("a") as f: pass\nprint(*[1], **{}, sep="")\n@d\ndef h(): yield\nx = {**{}, 1: 2}; y = {1, 2}; z = x[1:2, ...]\nnot x and y or z in x is not y\n'), '<text>', 'exec')
    eval('1 + 2'), exec('a = 1', {}), ast.unparse(ast.parse('x = 1')), ast.literal_eval('[1, {"a": (2, None)}]'), ast.dump(ast.parse('a')), code.co_names


async def asynchronous():
    async def work(n):
        await asyncio.sleep(0)
        return n
    async def stream():
        for i in range(2): yield i
    await asyncio.gather(work(1), work(2)); [i async for i in stream()]
    task = asyncio.create_task(asyncio.sleep(9)); task.cancel()
    with contextlib.suppress(asyncio.CancelledError): await task
    with contextlib.suppress(TimeoutError): await asyncio.wait_for(asyncio.sleep(9), 0.001)
    async with asyncio.Lock(), asyncio.timeout(5): pass
    async with asyncio.TaskGroup() as group: group.create_task(work(1))
    lines = asyncio.Queue(); await lines.put(1); await lines.get(); event = asyncio.Event(); event.set(); await event.wait()
    async def serve(reader, writer):
        writer.write(await reader.readline()); await writer.drain(); writer.close()
    server = await asyncio.start_server(serve, '127.0.0.1', 7000)
    reader, writer = await asyncio.open_connection('127.0.0.1', 7000); writer.write(b'hello\n'); await reader.read(); writer.close(); server.close()


def library():
    text = json.dumps({'a': [1, 2.5, None, True, 'é"\n'], 'b': {'c': {}}}, indent=2, sort_keys=True); json.loads(text), json.loads('[1e5, "\\u00e9", -1, {}]'), json.dumps(['x' * 50, Point], default=str), json.JSONEncoder().encode(1)
    now = datetime.datetime.now(datetime.timezone.utc); now.isoformat(), datetime.datetime.fromisoformat('2024-01-02T03:04:05+01:00'), now.strftime('%Y-%m-%d %H:%M:%S %z %a %b'), datetime.datetime.strptime('2024-01-02', '%Y-%m-%d'), now - datetime.timedelta(days=1, hours=2), now.timestamp(), datetime.date.today().weekday(), datetime.datetime.fromtimestamp(0), now.replace(year=2000), now < now, str(datetime.timedelta(seconds=5)), datetime.time(1, 2).isoformat(), time.strftime('%H', time.gmtime(0)), time.localtime(), time.time(), time.mktime(time.localtime()), calendar.monthrange(2024, 2), email.message.Message().as_string(), time.sleep(0.001), time.perf_counter()
    for name in ('md5', 'sha1', 'sha256', 'sha512', 'sha3_256', 'blake2b'): hashlib.new(name, b'x' * 300).hexdigest()
    hmac.new(b'k', b'm', 'sha256').hexdigest(), hmac.compare_digest('a', 'a'), hashlib.pbkdf2_hmac('sha256', b'p', b's', 10), gzip.decompress(gzip.compress(b'abc' * 999)), zlib.decompressobj().decompress(zlib.compress(b'a')), zlib.compressobj().flush()
    folder = pathlib.Path(tempfile.mkdtemp()); file = folder / 'a.txt'; file.write_text('é1\n2\n\n3', encoding='utf-8'); file.read_text(), file.read_bytes(), file.stat(), file.exists(), list(folder.iterdir()), list(folder.glob('*.txt')), file.suffix, file.with_name('b').name, os.path.join('a', '..', 'b'), os.path.normpath('a/../b'), os.path.abspath('a'), os.path.splitext('a.b'), glob.glob(str(folder / '*')), os.listdir(folder), list(os.walk(folder)), list(os.scandir(folder)), os.environ.get('HOME'), os.getcwd(), os.getpid(), mimetypes.guess_type('a.html'), file.rename(folder / 'c'), os.makedirs(folder / 'd' / 'e', exist_ok=True), os.utime(folder / 'c'), os.replace(folder / 'c', folder / 'f')
    with open(folder / 'f', 'r+b', buffering=0) as raw: raw.seek(2), raw.write(b'x'), raw.tell(), raw.truncate(3), raw.readinto(bytearray(3)), raw.fileno()
    with open(folder / 'f', 'a+', newline='') as more: more.write('x\n' * 9000), more.seek(0), more.readline(), more.readlines(), more.tell(), list(more)
    with open(folder / 'f', 'rb') as binary: binary.read(3), binary.readline(), binary.read1(), binary.peek(), binary.seek(0, 2)
    out = io.StringIO(); csv.writer(out).writerows([[1, 'a"b'], ['c,d', None]]); list(csv.DictReader(io.StringIO('a,b\n1,"2"\n'))), io.BytesIO(b'a\nb').readlines(), io.TextIOWrapper(io.BytesIO(b'a\r\n')).read(), print('a', 1, sep='-', file=out), out.getvalue(), out.seek(0), out.readline()
    with zipfile.ZipFile(folder / 'z', 'w', zipfile.ZIP_DEFLATED) as archive: archive.writestr('a', 'b' * 99)
    zipfile.ZipFile(folder / 'z').read('a'), shutil.copy(folder / 'z', folder / 'y'), shutil.rmtree(folder)
    root = xml.etree.ElementTree.fromstring('<a x="1"><b>t&amp;</b><!-- c --><c/></a>'); root.find('b').text, xml.etree.ElementTree.tostring(root), list(root.iter())
    class Links(html.parser.HTMLParser): pass
    Links().feed('<a href="x">y</a>&amp;'), urllib.parse.urlsplit('http://u:p@h:1/p?q=1#f').port, urllib.parse.parse_qs('a=1&b=2'), urllib.parse.urlencode({'a': 'é'}), urllib.parse.urljoin('http://a/b/', '../c'), configparser.ConfigParser().read_string('[a]\nb=1'), argparse.ArgumentParser().parse_args([])
    import tomllib, http.cookies, ipaddress
    tomllib.loads('a = [1, "b"]\n[c]\nd = 2024-01-01'), http.cookies.SimpleCookie('a=b; c=d').output(), ipaddress.ip_network('10.0.0.0/8'), contextvars.ContextVar('v').set(1), contextvars.copy_context().run(len, 'a')
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(name)s %(levelname)s %(message)s'); logging.getLogger('x.y').info('%s', 1); logging.getLogger().debug('no'); logging.exception('e')
    lock = threading.Lock()
    with lock: threading.Thread(target=len, args=('a',)).start()
    waiting = queue.Queue(); waiting.put(1); waiting.get(); threading.local().x = 1; threading.Event().set(); threading.current_thread().name


def database():
    with contextlib.closing(sqlite3.connect(os.path.join(tempfile.mkdtemp(), 'db'))) as db:
        db.row_factory = sqlite3.Row
        db.executescript('CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT NOT NULL UNIQUE, r REAL DEFAULT 1.5, b BLOB, d TIMESTAMP DEFAULT CURRENT_TIMESTAMP); CREATE TABLE c (a INTEGER REFERENCES a(id) ON DELETE CASCADE, n INTEGER); CREATE INDEX i ON c (n, a); PRAGMA foreign_keys = ON; PRAGMA journal_mode;')
        with db:
            db.executemany('INSERT INTO a (t, b) VALUES (?, ?)', [('t%d' % i, b'x%d' % i) for i in range(500)]); db.executemany('INSERT INTO c VALUES (?, ?)', [(i % 500 + 1, i % 7) for i in range(2000)]); db.execute('UPDATE a SET r = r + :x WHERE id < :n', {'x': 1, 'n': 5}); db.execute('DELETE FROM a WHERE id = 3'); db.execute("INSERT INTO a (t) VALUES ('t1') ON CONFLICT (t) DO UPDATE SET r = 0"); db.execute("INSERT OR IGNORE INTO a (t) VALUES ('t2')")
        for query in ('SELECT * FROM a ORDER BY t DESC LIMIT 5 OFFSET 2', 'SELECT n, count(*), sum(a), avg(a), max(a), group_concat(a) FROM c GROUP BY n HAVING count(*) > 1 ORDER BY 2', "SELECT a.t, c.n FROM a JOIN c ON c.a = a.id WHERE a.t LIKE 't1%' AND c.n IN (1, 2)", 'SELECT * FROM a LEFT JOIN c ON c.a = a.id WHERE c.n IS NULL', 'SELECT DISTINCT n FROM c UNION SELECT id FROM a WHERE id BETWEEN 2 AND 5', "SELECT lower(t), length(b), coalesce(r, 0), substr(t, 1, 2), CASE WHEN id > 3 THEN 'a' ELSE 'b' END, datetime('now'), CAST(id AS TEXT) || 'x', abs(-r), round(r, 1) FROM a", 'WITH RECURSIVE f(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM f WHERE x < 9) SELECT sum(x) FROM f', 'SELECT * FROM a WHERE id IN (SELECT a FROM c WHERE n = 2) AND EXISTS (SELECT 1 FROM c)', 'EXPLAIN QUERY PLAN SELECT * FROM c WHERE n = 1', 'SELECT row_number() OVER (ORDER BY id) FROM a'):
            rows = db.execute(query).fetchall(); [dict(row) for row in rows[:1]]
        with contextlib.suppress(sqlite3.IntegrityError): db.execute("INSERT INTO a (t) VALUES (NULL)")
        with contextlib.suppress(sqlite3.OperationalError): db.execute('SELEC')
        db.execute('ALTER TABLE a ADD COLUMN z'), db.rollback(), db.execute('DROP TABLE c'), db.commit(), db.create_function('f', 1, lambda x: x), db.execute('SELECT f(1)').fetchone(), db.total_changes, db.execute("SELECT json_extract('{\"a\": 1}', '$.a')").fetchone()


for part in (numbers, texts, objects, containers, fails, generators, library, database):
    part()
asyncio.run(asynchronous())
sys.stderr.write('trained\n')
