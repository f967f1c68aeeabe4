using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>What a server's responses are on the wire, byte by byte but for the date, as Node.js sends them.</summary>
public sealed class HttpResponseTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Response_IsOnTheWireWhatNodeSends()
    {
        var (output, exit) = await _node.RunAsync(
            """
            const http = require('http'), net = require('net');
            const handlers = {
              '/parts': (q, r) => { r.setHeader('X-A', 'first'); r.setHeader('X-Number', 7); r.setHeader('x-a', 'second'); r.setHeader('X-Half', 0.5); r.setHeader('X-Gone', 'x'); r.removeHeader('x-gone'); r.end('text'); },
              '/lists': (q, r) => { r.setHeader('Set-Cookie', ['a=1', 'b=2']); r.appendHeader('Set-Cookie', 'c=3'); r.appendHeader('X-One', '1'); r.end(Buffer.from('bytes')); },
              '/latin1': (q, r) => { r.setHeader('X-L', 'caf\u00e9'); r.end(Buffer.from('bytes')); },
              '/wide': (q, r) => { r.setHeader('X-T', 'plain'); r.end('caf\u00e9 \u20ac'); },
              '/long': (q, r) => { r.setHeader('X-Long', 'abc'.repeat(50) + q.url); r.setHeader('X-Cut', ('0123456789'.repeat(40) + q.url).slice(5, 320)); r.end(String(q.url).repeat(20).slice(3)); },
              '/chunks': (q, r) => { r.write('one'); r.write(Buffer.from('two')); r.write(''); r.write('dr\u00e9i'); r.end('four'); },
              '/chunk': (q, r) => { r.write('one'); r.end(); },
              '/coded': (q, r) => { r.writeHead(200, { 'Transfer-Encoding': 'chunked', 'X-B': 'b' }); r.end('all'); },
              '/empty': (q, r) => { r.writeHead(200, { 'Transfer-Encoding': 'chunked' }); r.end(); },
              '/trailers': (q, r) => { r.writeHead(200, { Trailer: 'X-T' }); r.write('a'); r.addTrailers({ 'X-T': 'end' }); r.end('b'); },
              '/known': (q, r) => { r.writeHead(201, 'Made', { 'Content-Length': 6, Connection: 'keep-alive', Date: 'today' }); r.write('abc'); r.end('def'); },
              '/none': (q, r) => { r.writeHead(204, { 'X-C': 'c' }); r.end(); },
              '/same': (q, r) => { r.statusCode = 304; r.setHeader('ETag', '"x"'); r.end('ignored'); },
              '/flush': (q, r) => { r.setHeader('Content-Length', '2'); r.flushHeaders(); r.end('ok'); },
              '/late': (q, r) => setTimeout(() => { r.write('late'); r.end('r'); }, 20),
            };
            const server = http.createServer((q, r) => handlers[q.url](q, r)).listen(0, async () => {
              const show = (text) => console.log(text.replace(/Date: [A-Z][^\r]*\r\n/g, '').replaceAll('\r', '') + '|');
              const ask = (urls) => new Promise((done) => {
                let text = '';
                const client = net.connect(server.address().port, () => client.write(urls.map((url) => `GET ${url} HTTP/1.1\r\nHost: a\r\n${url === urls.at(-1) ? 'Connection: close\r\n' : ''}\r\n`).join('')));
                client.setEncoding('latin1').on('data', (data) => { text += data; }).on('close', () => done(text));
              });
              for (const url of Object.keys(handlers)) show(await ask([url]));
              show(await ask(['/late', '/parts', '/chunks', '/flush']));
              server.close();
            });
            """);
        Assert.Equal(new InstanceExit.Exited(0), exit);
        Assert.Equal(
            """
            HTTP/1.1 200 OK
            x-a: second
            X-Number: 7
            X-Half: 0.5
            Connection: close
            Content-Length: 4

            text|
            HTTP/1.1 200 OK
            Set-Cookie: a=1
            Set-Cookie: b=2
            Set-Cookie: c=3
            X-One: 1
            Connection: close
            Content-Length: 5

            bytes|
            HTTP/1.1 200 OK
            X-L: café
            Connection: close
            Content-Length: 5

            bytes|
            HTTP/1.1 200 OK
            X-T: plain
            Connection: close
            Content-Length: 9

            cafÃ© â¬|
            HTTP/1.1 200 OK
            X-Long: abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc/long
            X-Cut: 567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789
            Connection: close
            Content-Length: 97

            ng/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long|
            HTTP/1.1 200 OK
            Connection: close
            Transfer-Encoding: chunked

            3
            one
            3
            two
            5
            drÃ©i
            4
            four
            0

            |
            HTTP/1.1 200 OK
            Connection: close
            Transfer-Encoding: chunked

            3
            one
            0

            |
            HTTP/1.1 200 OK
            Transfer-Encoding: chunked
            X-B: b
            Connection: close

            3
            all
            0

            |
            HTTP/1.1 200 OK
            Transfer-Encoding: chunked
            Connection: close

            0

            |
            HTTP/1.1 200 OK
            Trailer: X-T
            Connection: close
            Transfer-Encoding: chunked

            1
            a
            1
            b
            0
            X-T: end

            |
            HTTP/1.1 201 Made
            Content-Length: 6
            Connection: keep-alive
            Date: today

            abcdef|
            HTTP/1.1 204 No Content
            X-C: c
            Connection: close

            |
            HTTP/1.1 304 Not Modified
            ETag: "x"
            Connection: close

            |
            HTTP/1.1 200 OK
            Content-Length: 2
            Connection: close

            ok|
            HTTP/1.1 200 OK
            Connection: close
            Transfer-Encoding: chunked

            4
            late
            1
            r
            0

            |
            HTTP/1.1 200 OK
            Connection: keep-alive
            Keep-Alive: timeout=5
            Transfer-Encoding: chunked

            4
            late
            1
            r
            0

            HTTP/1.1 200 OK
            x-a: second
            X-Number: 7
            X-Half: 0.5
            Connection: keep-alive
            Keep-Alive: timeout=5
            Content-Length: 4

            textHTTP/1.1 200 OK
            Connection: keep-alive
            Keep-Alive: timeout=5
            Transfer-Encoding: chunked

            3
            one
            3
            two
            5
            drÃ©i
            4
            four
            0

            HTTP/1.1 200 OK
            Content-Length: 2
            Connection: close

            ok|

            """,
            output);
    }
}
