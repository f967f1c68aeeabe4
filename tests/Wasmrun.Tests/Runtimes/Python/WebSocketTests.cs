using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox.Wasi.Sockets;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>WebSockets of ASGI applications: with .NET's client where that keeps to the protocol, and byte by byte where nobody should.</summary>
public sealed class WebSocketTests : IAsyncLifetime
{
    private const string Asks = "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    private const int Final = 0x80;

    private readonly PythonStack _stack = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    public async Task Messages_GoBothWays_TillTheClientEnds()
    {
        var service = await StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("other");
        socket.Options.AddSubProtocol("chat");
        socket.Options.CollectHttpResponseDetails = true;
        await ConnectAsync(socket, service, "/echo?a=b");
        Assert.Equal("chat", socket.SubProtocol);
        Assert.Equal("a=b", Assert.Single(socket.HttpResponseHeaders!["x-query"]));

        foreach (var size in new[] { 0, 1, 125, 126, 65_535, 65_536, 3 << 20 })
        {
            var bytes = RandomNumberGenerator.GetBytes(size);
            await socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, Token);
            Assert.Equal((WebSocketMessageType.Binary, Convert.ToHexString(bytes)), await ReceiveAsync(socket, Convert.ToHexString));
        }

        await socket.SendAsync("z€"u8.ToArray()[..2], WebSocketMessageType.Text, endOfMessage: false, Token);
        await socket.SendAsync("z€"u8.ToArray()[2..], WebSocketMessageType.Text, endOfMessage: true, Token);
        Assert.Equal((WebSocketMessageType.Text, "z€"), await ReceiveAsync(socket, Encoding.UTF8.GetString));

        await socket.CloseAsync((WebSocketCloseStatus)4002, "that is all", Token);
        Assert.Equal((WebSocketCloseStatus)4002, socket.CloseStatus);
        await _stack.Output.Saw("ended with 4002 that is all\n");
    }

    [Theory]
    [InlineData("bye", 4001, "enough")]
    [InlineData("return", 1000, "")]
    [InlineData("fail", 1011, "")]
    public async Task Application_EndsIt(string message, int code, string reason)
    {
        var service = await StartAsync();
        using var socket = new ClientWebSocket();
        await ConnectAsync(socket, service, "/echo");
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, Token);

        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(socket, Encoding.UTF8.GetString)).Kind);

        Assert.Equal((WebSocketCloseStatus)code, socket.CloseStatus);
        Assert.Equal(reason, socket.CloseStatusDescription ?? string.Empty);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Token);
        if (message == "fail")
        {
            await _stack.Output.Saw("ValueError: the application failed\n");
        }
    }

    [Fact]
    public async Task Application_MayRefuse_AndNothingElseIsAffected()
    {
        var service = await StartAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await RefusedAsync(service, "/refused"));
        Assert.Equal(HttpStatusCode.Unauthorized, await RefusedAsync(service, "/answered"));

        Assert.EndsWith("\r\n\r\nwho are you?", await AskAsync(service, Asks.Replace("/echo", "/answered", StringComparison.Ordinal)), StringComparison.Ordinal);
        var old = await AskAsync(service, Asks.Replace("Version: 13", "Version: 8", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 426 ", old, StringComparison.Ordinal);
        Assert.Contains("\r\nSec-WebSocket-Version: 13\r\n", old, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await AskAsync(service, Asks.Replace("dGhl", "dG", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("plain", await AskAsync(service, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_IsTheStandardsOwnExample_AndPingsAreAnsweredBetweenFragments()
    {
        var service = await StartAsync();
        await using var client = await OpenAsync(service);
        await client.WriteAsync(Frame(0x1, "Hel"u8), Token);
        await client.WriteAsync(Frame(Final | 0x9, "are you there?"u8), Token);
        Assert.Equal((Final | 0xA, "are you there?"), await ReadFrameAsync(client));
        await client.WriteAsync(Frame(Final | 0xA, "unasked"u8), Token);
        foreach (var one in Frame(Final, "lo"u8))
        {
            await client.WriteAsync(new[] { one }, Token);
        }

        Assert.Equal((Final | 0x1, "Hello"), await ReadFrameAsync(client));
        await client.WriteAsync(Frame(Final | 0x8, []), Token);
        Assert.Equal((Final | 0x8, ""), await ReadFrameAsync(client));
        Assert.Equal(0, await client.ReadAsync(new byte[1], Token));
        await _stack.Output.Saw("ended with 1005 \n");
    }

    [Theory]
    [InlineData("81 05 48 65 6c 6c 6f", 1002)] // not masked
    [InlineData("C1 80 00 00 00 00", 1002)] // an extension that nobody agreed on
    [InlineData("83 80 00 00 00 00", 1002)] // no such opcode
    [InlineData("80 80 00 00 00 00", 1002)] // goes on with nothing
    [InlineData("01 80 00 00 00 00 81 80 00 00 00 00", 1002)] // begins within a message
    [InlineData("09 80 00 00 00 00", 1002)] // a control frame in pieces
    [InlineData("89 FE 00 7E 00 00 00 00", 1002)] // a long control frame
    [InlineData("81 FE 00 05 00 00 00 00", 1002)] // a length longer than need be
    [InlineData("82 FF 80 00 00 00 00 00 00 00 00 00 00 00", 1002)] // a negative length
    [InlineData("82 FF 00 00 00 00 01 00 00 01 00 00 00 00", 1009)] // more than is taken
    [InlineData("81 82 00 00 00 00 C3 28", 1007)] // no UTF-8
    [InlineData("88 81 00 00 00 00 03", 1002)] // half a code
    [InlineData("88 82 00 00 00 00 03 ED", 1002)] // a code that is never sent
    [InlineData("88 84 00 00 00 00 03 E8 C3 28", 1007)] // no UTF-8 in a reason
    public async Task WhatIsNoWebSocket_IsEndedWithTheReason(string bytes, int code)
    {
        var service = await StartAsync();
        await using var client = await OpenAsync(service);

        await client.WriteAsync(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), Token);

        var (first, content) = await ReadFrameAsync(client, Encoding.Latin1);
        Assert.Equal(Final | 0x8, first);
        Assert.Equal(code, BinaryPrimitives.ReadUInt16BigEndian(Encoding.Latin1.GetBytes(content)));
        Assert.Equal(0, await client.ReadAsync(new byte[1], Token));
        await _stack.Output.Saw($"ended with {code} \n");
    }

    [Fact]
    public async Task ClientThatEnds_DoesNotWaitForTheApplication()
    {
        var service = await StartAsync();
        await using var client = await OpenAsync(service, "/stays");
        await client.WriteAsync(Frame(Final | 0x8, [0x03, 0xE9]), Token);

        Assert.Equal(Final | 0x8, (await ReadFrameAsync(client, Encoding.Latin1)).First);

        Assert.Equal(0, await client.ReadAsync(new byte[1], Token));
        await _stack.Output.Saw("ended with 1001 \n");
    }

    [Fact]
    public async Task ClientThatSendsOn_IsToldWhyItWasEnded()
    {
        var service = await StartAsync();
        await using var client = await OpenAsync(service);
        await client.WriteAsync(Convert.FromHexString("82FF0000000001000001" + "00000000"), Token);
        await client.WriteAsync(new byte[4 << 20], Token);

        var (first, content) = await ReadFrameAsync(client, Encoding.Latin1);

        Assert.Equal((Final | 0x8, 1009), (first, BinaryPrimitives.ReadUInt16BigEndian(Encoding.Latin1.GetBytes(content))));
    }

    [Fact]
    public async Task UnfinishedMessagesOfAllClients_AreBounded_AndGoWithTheirClients()
    {
        var service = await StartAsync();
        var clients = new List<NetworkStream>();
        for (var i = 0; i < 5; i++)
        {
            clients.Add(await OpenAsync(service));
            await clients[i].WriteAsync(Convert.FromHexString("02FF0000000000F0000000000000"), Token);
            await clients[i].WriteAsync(new byte[15 << 20], Token);
        }

        var (first, content) = await ReadFrameAsync(clients[^1], Encoding.Latin1);

        Assert.Equal((Final | 0x8, 1013), (first, BinaryPrimitives.ReadUInt16BigEndian(Encoding.Latin1.GetBytes(content))));
        clients[0].Dispose();
        await _stack.Output.Saw("ended with 1006 \n");
        await clients[1].WriteAsync(Frame(Final, "x"u8), Token);
        Assert.Equal(Final | 0x2, (await ReadAsync(clients[1], 1))[0]);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task ClientThatGoes_IsNoticedByWhoReceivesAndByWhoSends()
    {
        var service = await StartAsync();
        (await OpenAsync(service)).Dispose();
        await _stack.Output.Saw("ended with 1006 \n");

        (await OpenAsync(service, "/flood")).Dispose();
        await _stack.Output.Saw("nobody is there\n");

        await using (var client = await service.ConnectAsync())
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes(Asks.Replace("/echo", "/waits", StringComparison.Ordinal)), Token);
            await _stack.Output.Saw("waits\n");
        }

        await _stack.Output.Saw("websocket.disconnect\n");
        Assert.DoesNotContain("Traceback", _stack.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientThatSaysNothing_IsAskedAndLeft()
    {
        var service = await StartAskingAsync(timeout: "0.01");
        await using var client = await OpenAsync(service);

        Assert.Equal((Final | 0x9, ""), await ReadFrameAsync(client));

        var (first, content) = await ReadFrameAsync(client, Encoding.Latin1);
        Assert.Equal((Final | 0x8, 1011), (first, BinaryPrimitives.ReadUInt16BigEndian(Encoding.Latin1.GetBytes(content))));
        Assert.Equal("keepalive ping timeout", content[2..]);
        await _stack.Output.Saw("ended with 1006 keepalive ping timeout\n");
    }

    [Fact]
    public async Task ClientThatAnswers_IsAskedAgainAndKept()
    {
        var service = await StartAskingAsync(timeout: "3600");
        await using var client = await OpenAsync(service);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal((Final | 0x9, ""), await ReadFrameAsync(client));
            await client.WriteAsync(Frame(Final | 0xA, []), Token);
        }

        await client.WriteAsync(Frame(Final | 0x1, "still here"u8), Token);

        var frame = await ReadFrameAsync(client);
        while (frame.First == (Final | 0x9))
        {
            frame = await ReadFrameAsync(client);
        }

        Assert.Equal((Final | 0x1, "still here"), frame);
    }

    [Fact]
    public async Task Stop_SaysGoodbyeToBothSides()
    {
        var service = await StartAsync();
        using var socket = new ClientWebSocket();
        await ConnectAsync(socket, service, "/echo");
        await using var deaf = await OpenAsync(service);

        service.Instance.Terminate();

        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(socket, Encoding.UTF8.GetString)).Kind);
        Assert.Equal((WebSocketCloseStatus)1012, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Token);
        Assert.Equal(new InstanceExit.Exited(143), await service.Instance.Completion.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token));
        Assert.Equal(2, _stack.Output.Text.Split("ended with 1012").Length - 1);
    }

    private Task<RunningService> StartAsync() => _stack.StartListeningAsync("web", PythonStack.Project("websockets"), 8000);

    /// <summary>The same application on a server that asks its clients all the time.</summary>
    private Task<RunningService> StartAskingAsync(string timeout)
    {
        var application = File.ReadAllText(Path.Combine(PythonStack.Project("websockets"), "app.py"));
        var folder = _stack.Write("asking", "app.py", $"import wasmrun_websocket\nwasmrun_websocket.PING_INTERVAL, wasmrun_websocket.PING_TIMEOUT = 0.01, {timeout}\n{application}");
        return _stack.StartListeningAsync("web", folder, 8000);
    }

    private static Task ConnectAsync(ClientWebSocket socket, RunningService service, string path)
    {
        socket.Options.Proxy = null;
        return socket.ConnectAsync(new($"ws://127.0.0.1:{service.HostPort}{path}"), Token);
    }

    private static async Task<HttpStatusCode> RefusedAsync(RunningService service, string path)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(socket, service, path));
        return socket.HttpStatusCode;
    }

    private static async Task<(WebSocketMessageType Kind, string Content)> ReceiveAsync(ClientWebSocket socket, Func<byte[], string> show)
    {
        var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, Token);
            content.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return (part.MessageType, show(content.ToArray()));
            }
        }
    }

    private static async Task<NetworkStream> OpenAsync(RunningService service, string path = "/echo")
    {
        var client = await service.ConnectAsync();
        await client.WriteAsync(Encoding.ASCII.GetBytes(Asks.Replace("/echo", path, StringComparison.Ordinal)), Token);
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(client, 1))[0]);
        }

        Assert.StartsWith("HTTP/1.1 101 ", head.ToString(), StringComparison.Ordinal);
        Assert.Contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", head.ToString(), StringComparison.Ordinal);
        return client;
    }

    private static async Task<string> AskAsync(RunningService service, string request)
    {
        await using var client = await service.ConnectAsync();
        await client.WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        using var reader = new StreamReader(client, Encoding.ASCII, leaveOpen: true);
        return await reader.ReadToEndAsync(Token);
    }

    private static byte[] Frame(int first, ReadOnlySpan<byte> content)
    {
        byte[] mask = [1, 2, 3, 4];
        return [(byte)first, (byte)(0x80 | content.Length), .. mask, .. content.ToArray().Select((one, index) => (byte)(one ^ mask[index % 4]))];
    }

    private static async Task<(int First, string Content)> ReadFrameAsync(NetworkStream client, Encoding? encoding = null)
    {
        var head = await ReadAsync(client, 2);
        return (head[0], (encoding ?? Encoding.UTF8).GetString(await ReadAsync(client, head[1])));
    }

    private static async Task<byte[]> ReadAsync(NetworkStream client, int count)
    {
        var bytes = new byte[count];
        await client.ReadExactlyAsync(bytes, Token);
        return bytes;
    }
}
