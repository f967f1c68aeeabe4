using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>A real server in a guest, which knows nothing of the host but <c>/net</c> and the standard socket calls.</summary>
public sealed class HttpGuestTests : IAsyncLifetime
{
    private const int BigBody = 10 << 20;

    private readonly RunningStack _stack = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _stack.DisposeAsync();
    }

    [Fact]
    public async Task Answers_ManyRequestsOnOneConnection()
    {
        var service = await _stack.StartListeningAsync("web", "http");
        await using var connection = await service.ConnectAsync();
        var request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        for (var round = 0; round < 100; round++)
        {
            await connection.WriteAsync(request, Token);
            Assert.EndsWith("Hello, World!", await ReadAnswerAsync(connection), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Answers_ManyConnectionsAtOnce()
    {
        var service = await _stack.StartListeningAsync("web", "http");
        var connections = new List<NetworkStream>();
        for (var count = 0; count < 300; count++)
        {
            connections.Add(await service.ConnectAsync());
        }

        var request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        foreach (var connection in connections)
        {
            await connection.WriteAsync(request, Token);
        }

        foreach (var connection in connections)
        {
            Assert.EndsWith("Hello, World!", await ReadAnswerAsync(connection), StringComparison.Ordinal);
            await connection.DisposeAsync();
        }

        Assert.Equal("Hello, World!", await _client.GetStringAsync(service.Url("/"), Token));
    }

    [Fact]
    public async Task Echoes_ABigBodyWhileItArrives()
    {
        var service = await _stack.StartListeningAsync("web", "http");
        await using var connection = await service.ConnectAsync();
        var body = RandomNumberGenerator.GetBytes(BigBody);

        // Sent and received at once: the guest holds no more of it than a client that does not read leaves it with.
        var sending = SendAsync(connection, $"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n", body);
        using var answer = new MemoryStream();
        await connection.CopyToAsync(answer, Token);
        await sending;

        Assert.StartsWith("HTTP/1.1 200 ", Encoding.ASCII.GetString(answer.GetBuffer(), 0, 100), StringComparison.Ordinal);
        Assert.Equal(body, answer.ToArray()[^body.Length..]);
    }

    [Fact]
    public async Task Answers_AClientThatHasEndedItsHalf()
    {
        var service = await _stack.StartListeningAsync("web", "http");
        await using var connection = await service.ConnectAsync();
        await connection.WriteAsync(Encoding.ASCII.GetBytes("GET /args HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), Token);
        connection.Socket.Shutdown(SocketShutdown.Send);

        using var reader = new StreamReader(connection);
        var answer = await reader.ReadToEndAsync(Token);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("http\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Survives_AClientThatVanishesInTheMiddle()
    {
        var service = await _stack.StartListeningAsync("web", "http");
        await using (var connection = await service.ConnectAsync())
        {
            await connection.WriteAsync(Encoding.ASCII.GetBytes("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"), Token);
            await connection.WriteAsync(new byte[100_000], Token);
            connection.Socket.LingerState = new(true, 0);
        }

        Assert.Equal("Hello, World!", await _client.GetStringAsync(service.Url("/"), Token));
    }

    [Fact]
    public async Task Fetches_FromAnotherServiceByItsName()
    {
        var web = await _stack.StartListeningAsync("web", "http");
        await _stack.StartListeningAsync("api", "http", 8081, "8081");

        var answer = await _client.GetStringAsync(web.Url("/fetch/api/8081/args"), Token);

        Assert.Equal("http\n8081\n", answer);
    }

    [Theory]
    [InlineData("/fetch/nobody/8080/", "No such file or directory")]
    [InlineData("/fetch/localhost/81/", "Connection refused")]
    [InlineData("/fetch/web/81/", "Connection refused")]
    [InlineData("/fetch/192.0.2.1/80/", "Permission denied")]
    public async Task Fetches_NothingFromWhereNobodyIs(string path, string reason)
    {
        var web = await _stack.StartListeningAsync("web", "http");

        using var answer = await _client.GetAsync(web.Url(path), Token);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    private static async Task SendAsync(NetworkStream connection, string head, byte[] body)
    {
        await connection.WriteAsync(Encoding.ASCII.GetBytes(head), Token);
        await connection.WriteAsync(body, Token);
    }

    private static async Task<string> ReadAnswerAsync(NetworkStream connection)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (true)
        {
            var count = await connection.ReadAsync(buffer.AsMemory(length), Token);
            Assert.NotEqual(0, count);
            length += count;
            var text = Encoding.ASCII.GetString(buffer, 0, length);
            if (text.EndsWith("World!", StringComparison.Ordinal))
            {
                return text;
            }
        }
    }
}
