using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox.Wasi.Sockets;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>Applications without a server of their own: the one in the guest speaks HTTP/1.1 for WSGI and for ASGI alike.</summary>
public sealed class ApplicationTests : IAsyncLifetime
{
    private readonly PythonStack _stack = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, Expect100ContinueTimeout = TimeSpan.FromSeconds(30) }) { Timeout = TimeSpan.FromSeconds(60) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _stack.DisposeAsync();
    }

    [Theory]
    [InlineData("wsgi_side:application", "wsgi down")]
    [InlineData("asgi_side:create_app()", "asgi down")]
    public async Task Application_IsServed_AndEndsWhenAsked(string entrypoint, string down)
    {
        var service = await _stack.StartListeningAsync("web", PythonStack.Project("applications"), 8000, entrypoint);

        Assert.Equal("GET /a b?c=%20", await _client.GetStringAsync(service.Url("/a%20b?c=%20"), Token));
        Assert.Equal("line 0\nline 1\nline 2\n", await _client.GetStringAsync(service.Url("/stream"), Token));
        await TakesBodiesAsync(service);
        await KeepsConnectionsAsync(service);
        await AnswersOldAndOddClientsAsync(service);
        await RefusesWhatIsNoRequestAsync(service);
        await ServesOthersMeanwhileAsync(service);

        using var failed = await _client.GetAsync(service.Url("/fail"), Token);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        await _stack.Output.Saw("ValueError: the application failed\n");

        var (exit, _) = await PythonStack.TerminateAsync(service);
        Assert.Equal(new InstanceExit.Exited(143), exit);
        Assert.EndsWith($"{down}\n", _stack.Output.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("factory:create_app", "nothing None")]
    [InlineData("factory:create_app()", "nothing None")]
    [InlineData("factory:create_app('it', more=[1, None])", "it [1, None]")]
    public async Task Factory_IsCalledAsItIsWritten(string entrypoint, string answer)
    {
        var service = await _stack.StartListeningAsync("web", PythonStack.Project("applications"), 8000, entrypoint);

        Assert.Equal(answer, await _client.GetStringAsync(service.Url("/"), Token));
    }

    [Theory]
    [InlineData("return 3", 3)]
    [InlineData("pass", 0)]
    public async Task FunctionThatTakesNothing_IsTheProgram(string end, int code)
    {
        var folder = _stack.Write("program", "tools/main.py", $"def run():\n    print('ran')\n    {end}\n");

        var (output, exit) = await _stack.RunAsync(folder, "tools.main:run");

        Assert.Equal(("ran\n", new InstanceExit.Exited(code)), (output, exit));
    }

    [Fact]
    public async Task FunctionThatTakesNothing_MayMakeTheApplication()
    {
        var folder = _stack.Write("maker", "maker.py", """
            def application(environ, start):
                start('200 OK', [])
                return [b'made']

            def build():
                return application
            """);
        var service = await _stack.StartListeningAsync("web", folder, 8000, "maker:build");

        Assert.Equal("made", await _client.GetStringAsync(service.Url("/"), Token));
    }

    private async Task TakesBodiesAsync(RunningService service)
    {
        foreach (var (size, chunked, expects) in new[] { (0, false, false), (1000, false, true), (1000, true, false), (5 << 20, false, true), (5 << 20, true, true) })
        {
            var body = RandomNumberGenerator.GetBytes(size);
            using var request = new HttpRequestMessage(HttpMethod.Post, service.Url("/echo")) { Content = new ByteArrayContent(body) };
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = expects;
            using var answer = await _client.SendAsync(request, Token);
            Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(Token));
        }
    }

    private static async Task KeepsConnectionsAsync(RunningService service)
    {
        await using var client = await service.ConnectAsync();
        await SendAsync(client, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
        await SendAsync(client, "HEAD /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /header HTTP/1.1\r\nHost: x\r\nX-Test: 1\r\nX-Test: 2\r\nConnection: close\r\n\r\n");
        var text = await ReadToEndAsync(client);
        Assert.Equal(5, text.Split("HTTP/1.1 20").Length - 1);
        Assert.Contains("GET /1?HTTP/1.1 200", text, StringComparison.Ordinal);
        Assert.Contains("abcHTTP/1.1 204", text, StringComparison.Ordinal);
        Assert.DoesNotContain("HEAD /2", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n1,2", text, StringComparison.Ordinal);
    }

    private static async Task AnswersOldAndOddClientsAsync(RunningService service)
    {
        Assert.EndsWith("GET /old?", await AskAsync(service, "GET /old HTTP/1.0\r\n\r\n"), StringComparison.Ordinal);

        await using var slow = await service.ConnectAsync();
        foreach (var letter in "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n")
        {
            await SendAsync(slow, letter.ToString());
        }

        Assert.Contains("abc", await ReadToEndAsync(slow), StringComparison.Ordinal);
    }

    private static async Task RefusesWhatIsNoRequestAsync(RunningService service)
    {
        foreach (var (request, status) in new[]
        {
            ("nonsense\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
            ("GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
            ($"GET / HTTP/1.1\r\nHost: x\r\nX: {new string('x', 70_000)}\r\n\r\n", 431),
        })
        {
            Assert.StartsWith($"HTTP/1.1 {status} ", await AskAsync(service, request), StringComparison.Ordinal);
        }
    }

    private async Task ServesOthersMeanwhileAsync(RunningService service)
    {
        var slow = _client.GetStringAsync(service.Url("/sleep"), Token);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _client.GetStringAsync(service.Url("/fast"), Token)));
        Assert.All(answers, answer => Assert.Equal("GET /fast?", answer));
        Assert.Equal("GET /sleep?", await slow);
    }

    private static async Task<string> AskAsync(RunningService service, string request)
    {
        await using var client = await service.ConnectAsync();
        await SendAsync(client, request);
        return await ReadToEndAsync(client);
    }

    private static Task SendAsync(NetworkStream client, string text) => client.WriteAsync(Encoding.ASCII.GetBytes(text), Token).AsTask();

    private static async Task<string> ReadToEndAsync(NetworkStream client)
    {
        using var reader = new StreamReader(client, Encoding.ASCII, leaveOpen: true);
        return await reader.ReadToEndAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
    }
}
