using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

public sealed class NodeScriptTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public static TheoryData<string, string> Scripts => new()
    {
        { "console.log(process.env.GREETING, [1, { a: new Map([['x', 1]]) }], typeof require)", "hello [ 1, { a: Map(1) { 'x' => 1 } } ] function\n" },
        { "setImmediate(() => console.log('immediate')); process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job')); console.log('main')", "main\ntick\njob\nimmediate\n" },
        { "setTimeout(() => console.log('b'), 20); setTimeout(() => console.log('a'), 1)", "a\nb\n" },
        { "try { (function f() { f(); })(); } catch (e) { console.log(e instanceof RangeError) }", "true\n" },
        { "console.log(require('path').resolve('a', '../b'), require('util').format('%s %d %j', 'x', 2, { y: 3 }))", "/app/b x 2 {\"y\":3}\n" },
        { "const b = Buffer.from('héllo'); console.log(b.length, b.toString('base64'), b.readUInt16BE(1), b.indexOf('l'))", "6 aMOpbGxv 50089 3\n" },
        { "console.log(Buffer.alloc(7, 'abc').toString(), Buffer.from('0123456789').fill('xyz', 2, 9).toString(), Buffer.alloc(2, 'abc').toString(), Buffer.from('abcdef').fill(Buffer.from('Q'), 1, 1).toString(), Buffer.alloc(5).fill('6162', 'hex').toString())", "abcabca 01xyzxyzx9 ab abcdef ababa\n" },
        { "const d = '0123456789abcdefABCDEF'.repeat(4); for (const s of ['', '1', 'abc', 'zz', 'a\u0161', '12\u0130', '1\u00e9', d, d + '1', d + 'x1', d.slice(0, 33) + 'x' + d]) console.log(Buffer.from(s, 'hex').length, Buffer.from(s, 'hex').toString('hex') === s.slice(0, Buffer.from(s, 'hex').length * 2).toLowerCase()); console.log(Buffer.from([0xe1, 0x62, 0xff]).toString('ascii') === 'ab\x7f', Buffer.from('YWJj-_8=x', 'base64').toString('hex'))", "0 true\n0 true\n1 true\n0 true\n0 true\n1 true\n0 true\n44 true\n44 true\n44 true\n16 true\ntrue 616263fbff\n" },
        { "const c = require('crypto'); console.log(c.createHash('sha256').update('abc').digest('hex').slice(0, 16), c.createHmac('sha1', 'k').update('v').digest('base64'))", "ba7816bf8f01cfea lPxqL36JuBls904QeajBHrZ5pVI=\n" },
        { "const c = require('crypto'); for (const e of ['hex', 'base64', 'base64url']) console.log(c.createHash('md5').update('é').digest(e) === c.createHash('md5').update(Buffer.from('é')).digest().toString(e)); const h = c.createHash('md5').update('a'); const k = h.copy(); console.log(h.update('b').digest('hex') === c.createHash('md5').update('ab').digest('hex'), k.digest('hex') === c.createHash('md5').update('a').digest('hex'), c.createHash('md5').update('\\ud800').digest('hex') === c.createHash('md5').update('\\ufffd').digest('hex'))", "true\ntrue\ntrue\ntrue true true\n" },
        { "const z = require('zlib'); console.log(z.gunzipSync(z.gzipSync('text')).toString(), z.brotliDecompressSync(z.brotliCompressSync('text')).toString())", "text text\n" },
        { "const z = require('zlib'); const g = z.createGunzip(); g.on('data', (d) => console.log(d.toString())); const c = z.createGzip(); c.on('data', (d) => g.write(d)); c.write('one'); c.flush(() => { console.log('flushed'); setImmediate(() => c.end('two')); }); c.on('end', () => g.end()); g.on('end', () => console.log('end'))", "one\nflushed\ntwo\nend\n" },
        { "const z = require('zlib'), s = require('stream/promises'), { Readable, Writable } = require('stream'); (async () => { const b = z.gzipSync(Buffer.alloc(5 << 20)); let n = 0, most = 0; await s.pipeline(Readable.from(Array(20).fill(b)), z.createGunzip(), new Writable({ write(d, e, done) { n += d.length; most = Math.max(most, d.length); setImmediate(done); } })); console.log(n, most <= 65536, process.memoryUsage.rss() < 32 << 20) })()", "104857600 true true\n" },
        { "const z = require('zlib'); for (const [f, u] of [['gzip', 'gunzip'], ['deflate', 'inflate'], ['deflateRaw', 'inflateRaw'], ['brotliCompress', 'brotliDecompress']]) { const b = z[f + 'Sync'](Buffer.from('some text '.repeat(99))); let n = 0; for (let i = 0; i < b.length; i++) try { z[u + 'Sync'](b.subarray(0, i)) } catch (e) { n++; } console.log(n === b.length, z[u + 'Sync'](b).length) }", "true 990\ntrue 990\ntrue 990\ntrue 990\n" },
        { "const z = require('zlib'); const d = z.createInflateRaw(); d.on('data', (x) => console.log(x.toString())); const c = z.createDeflateRaw(); c.on('data', (x) => d.write(x)); c.write('a'); c.flush(z.constants.Z_SYNC_FLUSH, () => { d.flush(() => { console.log('read'); c.reset(); d.reset(); c.write('b'); c.flush(2, () => d.flush(() => { console.log('again'); c.close(); d.close(); })); }); })", "a\nread\nb\nagain\n" },
        { "const http = require('http'), net = require('net'); const s = http.createServer((q, r) => { r.setHeader('x', 'caf\\u00e9'); r.end(q.url === '/b' ? Buffer.from('\\u00e9') : q.url === '/n' ? undefined : '\\u00e9'); }).listen(0, async () => { for (const p of ['/b', '/n', '/s']) await new Promise((d) => net.connect(s.address().port, function () { this.write(`GET ${p} HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n`); }).on('data', (x) => console.log(p, x.includes(Buffer.from('caf\\u00e9\\r', 'latin1')), x.includes('caf\\u00e9\\r', 0, 'utf8'))).on('close', d)); s.close(); })", "/b true false\n/n true false\n/s false true\n" },
        { "const z = require('zlib'); for (const f of ['gzip', 'deflate']) { const b = z[f + 'Sync'](Buffer.alloc(1000, 'ab')); try { z['unzipSync'](b.subarray(0, -6)) } catch (e) { console.log(e.code) } } console.log(z.gunzipSync(Buffer.concat([z.gzipSync('a'), z.gzipSync('b')])).toString())", "Z_BUF_ERROR\nZ_BUF_ERROR\nab\n" },
        { "const z = require('zlib'); (async () => { for (let i = 0; i < 2000; i++) { z.createGzip(); if (i % 50 === 0) await new Promise(setImmediate); } const kept = []; try { for (;;) kept.push(z.createDeflate()); } catch (e) { console.log(e.code, kept.length > 300); } for (const k of kept) k.close(); await new Promise(setImmediate); console.log(z.gunzipSync(z.gzipSync('x')).toString()); })()", "ERR_ZLIB_INITIALIZATION_FAILED true\nx\n" },
        { "const z = require('zlib'), g = z.createGunzip().on('error', () => {}); try { g._transform(z.gzipSync(Buffer.alloc(1 << 20)), '', () => {}); for (let i = 0; i < 100; i++) g._transform(Buffer.alloc(4 << 20), '', () => {}); } catch (e) { console.log(e.code) }", "Z_MEM_ERROR\n" },
        { "const fs = require('fs'); fs.mkdirSync('/tmp/a/b', { recursive: true }); fs.writeFileSync('/tmp/a/b/c', 'x'); console.log(fs.readdirSync('/tmp/a/b'), fs.statSync('/tmp/a/b/c').size); try { fs.readFileSync('/nothing') } catch (e) { console.log(e.code, e.message) }", "[ 'c' ] 1\nENOENT ENOENT: no such file or directory, open '/nothing'\n" },
        { "const fs = require('fs'); for (const folder of ['/app', '/tmp']) { for (const target of ['', 'a'.repeat(1e6)]) try { fs.symlinkSync(target, `${folder}/link`) } catch (e) { console.log(e.code) } console.log(fs.existsSync(`${folder}/link`)) }", "ENOENT\nENAMETOOLONG\nfalse\nENOENT\nENAMETOOLONG\nfalse\n" },
        { "const u = new URL('../x?a=1#h', 'http://u:p@Example.com:80/b/c'); console.log(u.href, u.searchParams.get('a'))", "http://u:p@example.com/x?a=1#h 1\n" },
        { "console.log(Object.keys(require('url').parse('/a?b')).join(), require('path').extname('a/b.c//'))", "protocol,slashes,auth,host,port,hostname,hash,search,query,pathname,path,href .c\n" },
        { "const http = require('http'), s = http.createServer((q, r) => { if (q.url === '/204') r.statusCode = 204; if (q.url === '/own') r.setHeader('content-length', 3); if (q.url === '/old') r.writeHead(200, { 'transfer-encoding': 'chunked' }); r.end('\\u20ac'); }).listen(0, async () => { for (const [method, path] of [['GET', '/'], ['HEAD', '/'], ['GET', '/204'], ['GET', '/own'], ['GET', '/old']]) await new Promise((d) => http.request({ port: s.address().port, method, path }, (r) => r.setEncoding('utf8').on('data', (x) => console.log(x)).on('end', () => d(console.log(r.headers['content-length'])))).end()); s.close(); })", "\u20ac\n3\n3\nundefined\n\u20ac\n3\n\u20ac\nundefined\n" },
        { "try { require('child_process').execSync('ls') } catch (e) { console.log(e.message) }", "child_process.execSync is not available in a wasmrun sandbox: a guest starts no programs; run them as services of the stack\n" },
    };

    public void Dispose() => _node.Dispose();

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Script_PrintsWhatNodePrints(string script, string expected)
    {
        var (output, exit) = await _node.RunAsync(script);
        Assert.Equal((expected, new InstanceExit.Exited(0)), (output, exit));
    }

    [Theory]
    [InlineData("throw new TypeError('bad')", "TypeError: bad\n    at ")]
    [InlineData("throw new TypeError('bad')", "\nthrow new TypeError('bad')\n          ^\n\nTypeError: bad\n    at ")]
    [InlineData("(async () => { await null; throw new Error('late') })()", "Error: late\n    at ")]
    [InlineData("Promise.reject(7)", "rejected with the reason \"7\"")]
    public async Task UncaughtException_EndsTheProgramWithItsStackAndCode1(string script, string expected)
    {
        var (output, exit) = await _node.RunAsync(script);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.EndsWith("\n\nNode.js v22.12.0\n", output, StringComparison.Ordinal);
        Assert.Equal(new InstanceExit.Exited(1), exit);
    }

    [Theory]
    [InlineData("process.on('exit', (c) => console.log('exit', c)); process.exit(3)", "exit 3\n", 3)]
    [InlineData("process.exitCode = 4; process.on('beforeExit', () => console.log('before'))", "before\n", 4)]
    [InlineData("process.on('uncaughtException', (e) => console.log('caught', e.message)); throw new Error('x')", "caught x\n", 0)]
    public async Task Process_EndsAsNodeDoes(string script, string output, int code) =>
        Assert.Equal((output, new InstanceExit.Exited(code)), await _node.RunAsync(script));

    [Fact]
    public async Task Modules_AreResolvedAsNodeDoes()
    {
        Directory.CreateDirectory(_node.Folder.Sub("node_modules", "pkg"));
        _node.Folder.Write("node_modules/pkg/package.json", """{ "name": "pkg", "exports": { ".": { "import": "./a.mjs", "require": "./a.cjs" }, "./data": "./d.json" } }""");
        _node.Folder.Write("node_modules/pkg/a.mjs", "export default 'esm'; export const here = import.meta.url;");
        _node.Folder.Write("node_modules/pkg/a.cjs", "exports.kind = 'cjs';");
        _node.Folder.Write("node_modules/pkg/d.json", """{ "x": 1 }""");
        _node.Folder.Write("old.cjs", "exports.name = require('pkg').kind; exports.main = require.main === module;");
        var (output, exit) = await _node.RunAsync(
            """
            import kind, { here } from 'pkg';
            import old, { name } from './old.cjs';
            import { readFileSync } from 'node:fs';
            const { default: data } = await import('pkg/data');
            console.log(kind, here, name, old.main, data.x, typeof readFileSync);
            await import('pkg/hidden').catch((e) => console.log(e.code));
            """,
            "main.mjs");
        Assert.Equal("esm file:///app/node_modules/pkg/a.mjs cjs false 1 function\nERR_PACKAGE_PATH_NOT_EXPORTED\n", output);
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Fact]
    public async Task Modules_FileGoesBeforeFolderOfTheSameNameUnlessThatExports()
    {
        foreach (var name in new[] { "node_modules/plain", "node_modules/open", "local" })
        {
            Directory.CreateDirectory(_node.Folder.Sub(name));
            _node.Folder.Write(name + "/index.js", "module.exports = 'folder';");
            _node.Folder.Write(name + ".js", "module.exports = 'file';");
        }

        _node.Folder.Write("node_modules/open/package.json", """{ "exports": "./index.js" }""");
        Assert.Equal(
            ("file folder folder file folder\n", new InstanceExit.Exited(0)),
            await _node.RunAsync("console.log(require('plain'), require('plain/'), require('open'), require('./local'), require('./local/'))"));
    }

    [Fact]
    public async Task HttpServer_AnswersItsOwnClients()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http');
            const server = http.createServer((request, response) => {
              let body = '';
              request.on('data', (chunk) => { body += chunk; });
              request.on('end', () => { response.write(request.method + ' '); response.end(body); });
            });
            server.listen(3000, async () => {
              console.log(await (await fetch('http://localhost:3000/', { method: 'POST', body: 'text' })).text());
              http.get({ port: 3000, agent: false }, (response) => {
                console.log(response.statusCode, response.headers['transfer-encoding']);
                response.resume().on('end', () => server.close(() => console.log('closed')));
              });
            });
            """);
        Assert.Equal(("POST text\n200 chunked\nclosed\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Loop_IsStopped()
    {
        _node.Folder.Write("main.js", "console.log('spinning'); for (;;);");
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("spinning");
        instance.Stop();
        Assert.Equal(new InstanceExit.Stopped(), await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Memory_ThatIsUsedUpIsAnErrorOfJavaScript()
    {
        var (output, exit) = await _node.RunAsync(
            "const held = []; try { for (;;) held.push(new Uint8Array(1 << 22)); } catch (e) { held.length = 0; console.log(e instanceof Error) }",
            limits: new() { MemoryBytes = 64 << 20 });
        Assert.Equal(("true\n", new InstanceExit.Exited(0)), (output, exit));
    }
}
