using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>The HTTP server under clients that are many, slow, large or hostile. What is expected is what Node.js answers.</summary>
public sealed class HttpServerTests : IDisposable
{
    private static readonly string[] s_refused =
    [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3x\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb: c\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX Y: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX(: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
        "GETT / HTTP/1.1\r\nHost: a\r\n\r\n",
        "get / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u0001 HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u0016\u0003\u0001\u0002\0\u0001\0\r\n\r\n",
        "GET /\u00c3\u00a9 HTTP/1.1\r\nHost: a\r\n\r\n",
    ];

    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Head_ThatIsThatOfTheRequestBeforeIsReadAsItIs()
    {
        // The same again, another line, other fields, a body that looks like a head, the first again, one in two pieces, and one that is refused.
        string[] pieces =
        [
            "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n",
            "GET /b HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n",
            "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 28\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n",
            "GET /c HTTP/1.1\r\nHo", "st: a\r\nX: 2\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        ];
        var (output, exit) = await _node.RunAsync(
            $$"""
            const http = require('http'), net = require('net');
            const pieces = {{System.Text.Json.JsonSerializer.Serialize(pieces)}};
            let sent = 0;
            const server = http.createServer((q, r) => {
              let body = '';
              q.on('data', (data) => { body += data; });
              q.on('end', () => {
                q.headers.mine = 1;
                q.rawHeaders.push('mine');
                console.log(q.method, q.url, JSON.stringify(q.headers), q.rawHeaders.length, JSON.stringify(body), q.socket.bytesRead === sent);
                r.end('.');
              });
            }).listen(0, () => {
              const client = net.connect(server.address().port, next);
              function next() {
                const piece = pieces.shift();
                sent += piece.length;
                client.write(piece);
                if (piece.startsWith('POST') || piece.endsWith('Ho')) setTimeout(next, 20);
              }
              client.on('data', (data) => {
                if (String(data).endsWith('.')) next();
                else console.log(String(data).split('\r\n')[0]);
              });
              client.on('close', () => server.close());
            });
            """);
        Assert.Equal(new InstanceExit.Exited(0), exit);
        Assert.Equal(
            """
            GET /a {"host":"a","x":"1","mine":1} 5 "" true
            GET /a {"host":"a","x":"1","mine":1} 5 "" true
            GET /b {"host":"a","x":"1","mine":1} 5 "" true
            POST /b {"host":"a","content-length":"28","mine":1} 5 "GET /a HTTP/1.1\r\nHost: a\r\n\r\n" true
            GET /a {"host":"a","x":"1","mine":1} 5 "" true
            GET /c {"host":"a","x":"2","mine":1} 5 "" true
            GET /a {"host":"a","x":"1","mine":1} 5 "" true
            HTTP/1.1 400 Bad Request

            """,
            output);
    }

    [Fact]
    public async Task Request_ThatTwoReadersCouldReadInTwoWaysIsRefused()
    {
        var requests = System.Text.Json.JsonSerializer.Serialize(s_refused);
        var (output, exit) = await _node.RunAsync(
            $$"""
            const http = require('http'), net = require('net');
            const server = http.createServer((q, r) => q.resume().on('error', () => {}).on('end', () => r.end('served'))).listen(0, async () => {
              for (const request of {{requests}}) {
                const answer = await new Promise((done) => {
                  let text = '';
                  net.connect(server.address().port, function () { this.write(request, 'latin1'); }).on('data', (data) => { text += data; if (text.includes('served')) this.destroy(); }).on('close', () => done(text));
                });
                if (!answer.startsWith('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n')) console.log(JSON.stringify(request), JSON.stringify(answer));
              }
              server.close(() => console.log('asked'));
            });
            """);
        Assert.Equal(("asked\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Request_ThatIsRightIsAnswered()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http'), net = require('net');
            const requests = [
              ["200", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
              ["200", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n"],
              ["200", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n"],
              ["200", "GET / HTTP/1.0\r\n\r\n"],
              ["200", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
              ['431', 'GET / HTTP/1.1\r\nHost: a\r\nX: ' + 'a'.repeat(20000) + '\r\n\r\n'],
              ['200', 'GET / HTTP/1.1\r\nHost: a\r\n' + 'X: a\r\n'.repeat(500) + '\r\n'],
              ["100,200", "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na"],
              ["417", "POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 1\r\n\r\na"],
              ["200,200,200", "GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
              ["200", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"],
              ["200", "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"],
              ["200", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"],
              ["200", "GET http://b/c HTTP/1.1\r\nHost: a\r\n\r\n"],
            ];
            const server = http.createServer((q, r) => q.resume().on('end', () => r.end())).listen(0, async () => {
              for (const [expected, request] of requests) {
                const answer = await new Promise((done) => {
                  let text = '';
                  net.connect(server.address().port, function () { this.end(request, 'latin1'); }).on('data', (data) => { text += data; }).on('close', () => done(text));
                });
                const statuses = (answer.match(/HTTP\/1.1 \d+/g) || []).map((line) => line.slice(9)).join();
                if (statuses !== expected) console.log(JSON.stringify(request), statuses, expected);
              }
              server.close(() => console.log('asked'));
            });
            """);
        Assert.Equal(("asked\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Server_AnswersManyClientsAtOnce_AndOneThatSendsByteByByte()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http'), net = require('net');
            const server = http.createServer(async (q, r) => { let n = 0; for await (const c of q) n += c.length; await new Promise((d) => setTimeout(d, 5)); r.end(`${q.url} ${n}`); }).listen(0, async () => {
              const { port } = server.address();
              const slow = new Promise((done) => {
                const text = 'POST /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
                let at = 0, answer = ''; const s = net.connect(port).on('data', (d) => { answer += d; }).on('end', () => done(answer.endsWith('/slow 3\r\n0\r\n\r\n') || answer.endsWith('/slow 3')));
                const timer = setInterval(() => { s.write(text[at++]); if (at === text.length) clearInterval(timer); }, 1);
              });
              const agent = new http.Agent({ keepAlive: true });
              const one = (i, k) => new Promise((done, fail) => http.request({ port, agent, method: 'POST', path: `/${i}/${k}` }, (m) => { let t = ''; m.on('data', (d) => { t += d; }).on('end', () => done(t)); }).on('error', fail).end('x'.repeat(i)));
              const all = await Promise.all(Array.from({ length: 200 }, async (_, i) => { for (let k = 0; k < 3; k++) if (await one(i, k) !== `/${i}/${k} ${i}`) return false; return true; }));
              console.log(all.length, all.every(Boolean), await slow); agent.destroy(); server.close(() => console.log('closed'));
            });
            """);
        Assert.Equal(("200 true true\nclosed\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task HundredMebibytes_ComeInAndGoOutInLittleMemory()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http'); const { pipeline } = require('stream/promises'); const { Readable, Writable } = require('stream');
            const size = 100 * 2 ** 20, piece = Buffer.alloc(65536, 7);
            function* pieces() { for (let sent = 0; sent < size; sent += piece.length) yield piece; }
            const count = () => { const w = new Writable({ write(c, e, d) { w.total += c.length; d(); } }); w.total = 0; return w; };
            const server = http.createServer(async (q, r) => { if (q.method === 'PUT') { const c = count(); await pipeline(q, c); r.end(String(c.total)); } else await pipeline(Readable.from(pieces(), { objectMode: false }), r); }).listen(0, async () => {
              const { port } = server.address(); const before = process.memoryUsage().rss;
              const answer = await new Promise((done, fail) => { const q = http.request({ port, method: 'PUT', agent: false }, async (m) => { let t = ''; for await (const c of m) t += c; done(t); }).on('error', fail); pipeline(Readable.from(pieces(), { objectMode: false }), q).catch(fail); });
              const c = count(); await new Promise((done, fail) => http.get({ port, agent: false }, (m) => pipeline(m, c).then(done, fail)).on('error', fail));
              console.log(answer, c.total, process.memoryUsage().rss - before < 16 * 2 ** 20); server.close();
            });
            """);
        Assert.Equal(("104857600 104857600 true\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Response_ThatNobodyReads_TakesTheGuestsOwnMemoryAndLosesItsConnectionAtTheLimit()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http'), net = require('net');
            const piece = Buffer.alloc(1 << 20);
            let client;
            const server = http.createServer((q, r) => {
              if (q.url === '/') return r.end('alive');
              const before = process.memoryUsage().rss;
              q.socket.on('close', () => http.get({ port: server.address().port }, (m) => m.on('data', (data) => { console.log(String(data)); client.destroy(); server.close(); })));
              for (let n = 0; n < 16; n++) r.write(piece);
              console.log(process.memoryUsage().rss - before > 8 << 20);
              for (let n = 0; n < 100; n++) r.write(piece);
            }).listen(0, () => { client = net.connect(server.address().port, () => client.write('GET /flood HTTP/1.1\r\nHost: a\r\n\r\n')).on('error', () => {}); });
            """,
            limits: new() { MemoryBytes = 64 << 20 });
        Assert.Equal(("true\nalive\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Write_ForWhichNoMemoryIsLeftSaysSo_AndLosesItsConnectionAlone()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const net = require('net');
            const server = net.createServer((socket) => {
              socket.on('error', (e) => console.log(e.syscall, e.code));
              socket.on('close', () => { console.log('closed'); server.close(); });
              socket.write(Buffer.alloc(36 << 20), (e) => { console.log(e.code); client.resume(); });
            });
            let client;
            server.listen(0, () => { client = net.connect(server.address().port).on('error', () => {}); client.pause(); });
            """,
            limits: new() { MemoryBytes = 64 << 20 });
        Assert.Equal(("ENOBUFS\nwrite ENOBUFS\nclosed\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Response_ToASlowReader_ArrivesWholeAndInOrder()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http'), crypto = require('crypto');
            const sizes = [70000, 1, 5000, 4096, 3 << 20, 17, 200000, 4095];
            const pieces = Array.from({ length: 400 }, (_, n) => Buffer.alloc(n < 8 ? sizes[n] : sizes[n % 4], String(n)));
            const sum = crypto.createHash('sha256');
            const server = http.createServer((q, r) => {
              for (const piece of pieces) r.write(piece);
              r.end('the end');
              setImmediate(() => answer.then(async (m) => {
                for await (const data of m) { sum.update(data); await new Promise(setImmediate); }
                console.log(sum.digest('hex') === crypto.createHash('sha256').update(Buffer.concat(pieces)).update('the end').digest('hex'));
                server.close();
              }));
            });
            const answer = new Promise((done) => server.listen(0, () => http.get({ port: server.address().port, agent: false }, done)));
            """);
        Assert.Equal(("true\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Connection_BecomesTheProgramsOwnByAnUpgrade()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http'), net = require('net');
            const server = http.createServer((q, r) => r.end()).on('upgrade', (q, s, head) => { s.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n'); s.write(head); s.pipe(s); }).listen(0, () => {
              const q = http.request({ port: server.address().port, headers: { connection: 'upgrade', upgrade: 'echo' } }); q.end();
              q.on('upgrade', (m, s, head) => { let t = String(head); s.on('data', (d) => { t += d; if (t === 'abc') s.end(); }); s.on('end', () => { console.log(m.statusCode, t); server.close(); }); s.write('abc'); });
            });
            """);
        Assert.Equal(("101 abc\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Trailers_GoBothWays()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http');
            const server = http.createServer((q, r) => { q.resume().on('end', () => { r.writeHead(200, { Trailer: 'X-Sum' }); r.write('body'); r.addTrailers({ 'X-Sum': q.trailers['x-in'] }); r.end(); }); }).listen(0, () => {
              const q = http.request({ port: server.address().port, method: 'POST', headers: { Trailer: 'X-In' } }, (m) => { m.resume().on('end', () => { console.log(m.trailers, m.rawTrailers); server.close(); }); }); q.write('a'); q.addTrailers({ 'X-In': '5' }); q.end();
            });
            """);
        Assert.Equal(("{ 'x-sum': '5' } [ 'X-Sum', '5' ]\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Limits_EndConnectionsThatExceedThem()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http'), net = require('net');
            const server = http.createServer({ headersTimeout: 40, requestTimeout: 80, keepAliveTimeout: 30, connectionsCheckingInterval: 10, maxHeaderSize: 1000 }, (q, r) => q.resume().on('end', () => r.end('x')));
            server.maxRequestsPerSocket = 2;
            server.listen(0, async () => {
              const { port } = server.address(); const talk = (text) => new Promise((done) => { let t = ''; net.connect(port, function () { this.write(text); }).on('data', (d) => { t += d; }).on('close', () => done(t.split('\r\n').filter((l) => /^HTTP|^Conn/.test(l)).join(' '))); });
              console.log(await talk('GET / HTTP/1.1\r\nHost:')); console.log(await talk('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab'));
              console.log(await talk(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(1000)}\r\n\r\n`)); const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'; console.log((await talk(get + get)).endsWith('Connection: close')); server.close();
            });
            """);
        Assert.Equal(("HTTP/1.1 408 Request Timeout Connection: close\nHTTP/1.1 408 Request Timeout Connection: close\nHTTP/1.1 431 Request Header Fields Too Large Connection: close\ntrue\n", new InstanceExit.Exited(0)), (output, exit));
    }

    [Fact]
    public async Task Response_EndsItsConnectionWhenAnotherInstanceTakesTheClients()
    {
        _node.Folder.Write("main.js", """
            const http = require('http');
            const agent = new http.Agent({ keepAlive: true });
            const server = http.createServer((q, r) => r.end('x')).listen(0, () => console.log('listening'));
            const ask = () => http.get({ port: server.address().port, agent }, (answer) => {
              answer.resume().on('end', () => answer.headers.connection === 'close' ? console.log('told to leave') : setTimeout(ask, 5));
            });
            ask();
            """);
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("listening");

        _node.Network!.StopAccepting();

        await _node.Saw("told to leave");
    }
}
