using System.Net.Sockets;
using System.Security.Cryptography;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>Streams of bytes through a guest: nothing is lost, nothing is changed, and either side may end first.</summary>
public sealed class EchoGuestTests : IAsyncLifetime
{
    private readonly RunningStack _stack = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    public async Task Echoes_EveryByteOfManyConnections()
    {
        var service = await _stack.StartListeningAsync("echo", "echo");
        var runs = Enumerable.Range(0, 16).Select(async _ =>
        {
            await using var connection = await service.ConnectAsync();
            var sent = RandomNumberGenerator.GetBytes(1 << 20);
            var sending = SendAllAsync(connection, sent);
            using var received = new MemoryStream();
            await connection.CopyToAsync(received, Token);
            await sending;
            Assert.Equal(sent, received.ToArray());
        });

        await Task.WhenAll(runs);
    }

    [Fact]
    public async Task Echoes_ByteByByte()
    {
        var service = await _stack.StartListeningAsync("echo", "echo");
        await using var connection = await service.ConnectAsync();
        var buffer = new byte[1];
        for (var value = 0; value < 256; value++)
        {
            buffer[0] = (byte)value;
            await connection.WriteAsync(buffer, Token);
            Assert.Equal(1, await connection.ReadAsync(buffer, Token));
            Assert.Equal(value, buffer[0]);
        }
    }

    [Fact]
    public async Task Echoes_ToAClientThatCameWhileNobodyRan()
    {
        var service = await _stack.StartListeningAsync("echo", "echo");
        await service.StopAsync();
        await using var connection = await service.ConnectAsync();
        await connection.WriteAsync("still there?"u8.ToArray(), Token);

        await _stack.StartAgainAsync(service, "echo");

        var answer = new byte[12];
        await connection.ReadExactlyAsync(answer, Token);
        Assert.Equal("still there?"u8, answer);
    }

    private static async Task SendAllAsync(NetworkStream connection, byte[] bytes)
    {
        await connection.WriteAsync(bytes, Token);
        connection.Socket.Shutdown(SocketShutdown.Send);
    }
}
