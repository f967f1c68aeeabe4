using System.Net.Sockets;
using System.Text;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>Real programs that reach the network in the other ways: inherited descriptors and the socket extension.</summary>
public sealed class OtherWaysInTests : IAsyncLifetime
{
    private readonly RunningStack _stack = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Theory]
    [InlineData]
    [InlineData("tcp-8080")]
    public async Task InheritedDescriptor_Serves(params string[] name)
    {
        var service = await _stack.StartAsync("web", "inherit", 8080, name);
        await using var client = await service.ConnectAsync();

        Assert.Equal("ping", await EchoAsync(client, "ping"));
        Assert.Contains("serving on descriptor 5", _stack.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InheritedDescriptor_OfAnotherNameIsNotFound()
    {
        var service = await _stack.StartAsync("web", "inherit", 8080, "tcp-9999");

        Assert.Equal(new InstanceExit.Exited(1), await service.Instance.Completion.WaitAsync(Token));
    }

    [Fact]
    public async Task SocketExtension_ServesClientsOfTheHost()
    {
        var service = await _stack.StartListeningAsync("web", "extension");
        for (var round = 0; round < 3; round++)
        {
            await using var client = await service.ConnectAsync();
            Assert.Equal("hello", await EchoAsync(client, "hello"));
        }

        Assert.Contains("local 0.0.0.0:8080\ntype 2, accepts 1\nlistening on 8080\n", _stack.Output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", _stack.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SocketExtension_ConnectsToAServiceByItsName()
    {
        var server = await _stack.StartListeningAsync("db", "extension", 7000, "7000");

        var client = await _stack.StartAsync("web", "extension", 0, "client", "db", "7000", "hello");

        Assert.Equal(new InstanceExit.Exited(0), await client.Instance.Completion.WaitAsync(Token));
        var (db, web) = (server.Network.Service.Address, client.Network.Service.Address);
        var lines = _stack.Output.Text.Split('\n');
        Assert.Contains($"found {db}:7000", lines, StringComparer.Ordinal);
        Assert.Contains($"local {db}:7000", lines, StringComparer.Ordinal);
        Assert.Contains("error 0", lines, StringComparer.Ordinal);
        Assert.Contains("hello", lines, StringComparer.Ordinal);
        var peer = lines.Single(line => line.StartsWith($"peer {web}:", StringComparison.Ordinal));
        Assert.Contains($"local {peer["peer ".Length..]}", lines, StringComparer.Ordinal);
    }

    private static async Task<string> EchoAsync(NetworkStream client, string text)
    {
        var sent = Encoding.UTF8.GetBytes(text);
        await client.WriteAsync(sent, Token);
        var received = new byte[sent.Length];
        await client.ReadExactlyAsync(received, Token);
        return Encoding.UTF8.GetString(received);
    }
}
