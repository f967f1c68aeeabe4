using System.Net.Sockets;
using System.Text;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox.Wasi.Sockets;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>A threading server of the standard library under clients that do as they like.</summary>
public sealed class HttpServerTests : IAsyncLifetime
{
    private readonly PythonStack _stack = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    public async Task Server_AnswersWhateverItsClientsDo()
    {
        var service = await StartAsync();
        await KeepsAConnectionAsync(service);
        await ServesOthersBesideASlowSenderAsync(service);
        await ServesOthersBesideASlowHandlerAsync(service);
        await ServesManyAtOnceAsync(service);
        await TellsWhatFailedAsync(service);
    }

    [Fact]
    public async Task Server_EndsWhileARequestRuns_AndCleansUp()
    {
        var service = await StartAsync();
        await using var client = await service.ConnectAsync();
        await SendAsync(client, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        await _stack.Output.Saw("waiting");

        await EndsAsync(service, "the handler has cleaned up\nthe server has cleaned up\natexit ran\n");
    }

    [Fact]
    public async Task ServerOfAsyncio_EndsThoughAConnectionOfItIsOpen()
    {
        var folder = _stack.Write("open", "app.py", """
            import asyncio

            class Silent(asyncio.Protocol):
                def connection_made(self, transport):
                    print('connected')

            async def main():
                loop = asyncio.get_running_loop()
                async with await loop.create_server(Silent, port=8000) as server:
                    await server.serve_forever()

            try:
                asyncio.run(main())
            finally:
                print('cleaned up')
            """);
        var service = await _stack.StartListeningAsync("open", folder, 8000);
        await using var client = await service.ConnectAsync();
        await _stack.Output.Saw("connected\n");

        await EndsAsync(service, "cleaned up\n");
    }

    [Fact]
    public async Task ProgramThatPauses_EndsWithItsHandler()
    {
        var folder = _stack.Write("pauses", "app.py", """
            import signal, socket, sys

            signal.signal(signal.SIGTERM, lambda number, frame: print('heard', number))
            listener = socket.create_server(('', 8000))
            signal.pause()
            sys.exit(7)
            """);
        var service = await _stack.StartListeningAsync("pauses", folder, 8000);

        var (exit, _) = await PythonStack.TerminateAsync(service);

        Assert.Equal(new InstanceExit.Exited(7), exit);
        Assert.EndsWith("heard 15\n", _stack.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandlerThatNeverReturns_IsStopped()
    {
        var service = await StartAsync();
        await using var client = await service.ConnectAsync();
        await SendAsync(client, "GET /spin HTTP/1.1\r\nHost: x\r\n\r\n");
        await _stack.Output.Saw("spinning");

        service.Instance.Terminate();
        await _stack.Output.Saw("goes on");
        var (exit, took) = await service.StopAsync();

        Assert.Equal(new InstanceExit.Stopped(), exit);
        Assert.True(took < TimeSpan.FromSeconds(30), $"it took {took}");
    }

    private Task<RunningService> StartAsync() => _stack.StartListeningAsync("web", PythonStack.Project("http"), 8000);

    private static async Task KeepsAConnectionAsync(RunningService service)
    {
        await using var client = await service.ConnectAsync();
        for (var round = 0; round < 50; round++)
        {
            await SendAsync(client, $"GET /{round} HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.EndsWith($"\r\n\r\n/{round}", await ReadAsync(client, $"/{round}"), StringComparison.Ordinal);
        }

        // Two requests in one piece.
        await SendAsync(client, "GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Contains("/first", await ReadAsync(client, "/second"), StringComparison.Ordinal);
    }

    private static async Task ServesOthersBesideASlowSenderAsync(RunningService service)
    {
        await using var slow = await service.ConnectAsync();
        const string Request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde";
        for (var i = 0; i < Request.Length; i++)
        {
            await SendAsync(slow, Request[i..(i + 1)]);
            if (i % 10 == 0)
            {
                await AsksAsync(service, $"/{i}");
            }
        }

        await ReadAsync(slow, "edcba");
    }

    private static async Task ServesOthersBesideASlowHandlerAsync(RunningService service)
    {
        await using var slow = await service.ConnectAsync();
        await SendAsync(slow, "GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
        var answer = ReadAsync(slow, "/held");
        await AsksAsync(service, "/meanwhile");
        Assert.False(answer.IsCompleted);
        await AsksAsync(service, "/release");
        await answer;
    }

    private static async Task ServesManyAtOnceAsync(RunningService service)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => service.ConnectAsync()));
        for (var round = 0; round < 2; round++)
        {
            await Task.WhenAll(clients.Select((client, i) => SendAsync(client, $"GET /{i}/{round} HTTP/1.1\r\nHost: x\r\n\r\n")));
            await Task.WhenAll(clients.Select((client, i) => ReadAsync(client, $"/{i}/{round}")));
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private async Task TellsWhatFailedAsync(RunningService service)
    {
        await using var client = await service.ConnectAsync();
        await SendAsync(client, "GET /fail HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal(0, await client.ReadAsync(new byte[1], Token));
        await _stack.Output.Saw("ValueError: a handler failed\n");
        await AsksAsync(service, "/after");
    }

    /// <summary>Tells the service to end, which it does by itself, and soon.</summary>
    private async Task EndsAsync(RunningService service, string lastOutput)
    {
        var (exit, took) = await PythonStack.TerminateAsync(service);

        Assert.Equal(new InstanceExit.Exited(143), exit);
        Assert.True(took < TimeSpan.FromSeconds(30), $"it took {took}");
        Assert.EndsWith(lastOutput, _stack.Output.Text, StringComparison.Ordinal);
    }

    private static async Task AsksAsync(RunningService service, string path)
    {
        await using var client = await service.ConnectAsync();
        await SendAsync(client, $"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        await ReadAsync(client, path);
    }

    private static Task SendAsync(NetworkStream client, string text) => client.WriteAsync(Encoding.ASCII.GetBytes(text), Token).AsTask();

    /// <summary>Reads until the answer ends with the text.</summary>
    private static async Task<string> ReadAsync(NetworkStream client, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith("\r\n\r\n" + end, StringComparison.Ordinal))
        {
            var count = await client.ReadAsync(buffer, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
            Assert.True(count > 0, $"the connection ended after: {text}");
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
