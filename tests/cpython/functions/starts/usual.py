"""One of the programs whose start says which functions of the interpreter are compiled first."""
import argparse, datetime, json, logging, os, pathlib, sys, time, random, collections, dataclasses, re, http.server
parser=argparse.ArgumentParser(description='x'); parser.add_argument('--port',type=int,default=int(os.environ['PORT'])); args=parser.parse_args()
logging.basicConfig(level=logging.INFO)
logging.info('starts at %s', datetime.datetime.now().isoformat())
folder=pathlib.Path('/tmp/data'); folder.mkdir(exist_ok=True)
(folder/'a.txt').write_text('hällo\n', encoding='utf-8'); print((folder/'a.txt').read_text())
with open('/tmp/data/b.log','a') as f: f.write('line %d\n' % int(time.time()*1000)); print('more', file=f)
with open('/tmp/data/b.log','w') as f: json.dump({'a':1},f)
with open('/tmp/data/b.log','r') as f: print(json.load(f), json.dumps({'b':[1,2]},indent=2))
with open('/tmp/data/b.bin','wb') as f: f.write(b'x'*100)
with open('/tmp/data/b.bin','rb') as f: f.read(3), f.seek(0), f.tell()
os.listdir('/tmp/data'), os.path.exists('/tmp/x'), os.replace('/tmp/data/b.bin','/tmp/data/c'), os.remove('/tmp/data/c'), os.makedirs('/tmp/data/d/e',exist_ok=True)
handler=logging.FileHandler('/tmp/data/app.log'); logging.getLogger().addHandler(handler); logging.warning('x %d',1)
@dataclasses.dataclass
class P:
    x: int = 0
    y: list = dataclasses.field(default_factory=list)
print(P(1), sorted({'b':1,'a':2}.items()), random.randint(1,9), f'{3.14159:.2f} {10:>5}', '%.1f' % 2.5, round(2.567,2), sum(range(9)), collections.Counter('hello').most_common(2), re.sub(r'\d+','x','a1b22'), 2**100, 7//2, divmod(7,3), 'a,b'.split(','), int('12'), float('1.5'), sys.version, os.environ.get('HOME'), time.strftime('%Y'), int(time.time()*1000))
try: {}['x']
except KeyError: logging.exception('failed')
class H(http.server.SimpleHTTPRequestHandler): pass
http.server.HTTPServer(('0.0.0.0',args.port),H).serve_forever()
