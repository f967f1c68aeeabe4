"""Loops of usual kinds: what they call is compiled first too, so that all of it is in one part and called directly."""
import time, json, re
def t(name,f):
    best=9
    for _ in range(1):
        s=time.perf_counter(); f(); best=min(best,time.perf_counter()-s)
    print('%-10s %.1f'%(name,best*1000))
def loop():
    x=0
    for i in range(600000): x+=i*3%7
def calls():
    def f(a,b=1): return a+b
    for i in range(250000): f(i)
def js():
    d={'a':[1,2.5,None,'x'*20]*50,'b':{str(i):i for i in range(100)}}
    for _ in range(150): json.loads(json.dumps(d))
def regex():
    s='foo12 bar34 baz '*300
    for _ in range(40): re.findall(r'(\w+?)(\d+)',s)
def objs():
    class P:
        __slots__=('x','y')
        def __init__(s,x,y): s.x=x; s.y=y
        def d(s): return s.x*s.y
    for i in range(120000): P(i,2).d()
def strs():
    for i in range(60000): ('a%d'%i).upper().replace('A','b').split('b'); f'{i:>8}{i!r}'
def srt():
    import random; r=random.Random(1); l=[r.random() for _ in range(60000)]; sorted(l); sorted(l,key=lambda x:-x)
for n,f in list(globals().items()):
    if callable(f) and n not in('t',) and getattr(f,'__module__','')=='__main__': t(n,f)
