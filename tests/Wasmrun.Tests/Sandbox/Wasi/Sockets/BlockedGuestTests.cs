using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>A guest that waits for ever in a socket call ends within a tenth of a second of being told to.</summary>
[Collection(nameof(AloneCollection))]
public sealed class BlockedGuestTests : IAsyncLifetime
{
    private static readonly TimeSpan _bound = TimeSpan.FromMilliseconds(100);

    private readonly RunningStack _stack = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Theory]
    [InlineData("accept")]
    [InlineData("read")]
    [InlineData("connect")]
    public async Task Stops_AGuestThatWaitsIn(string call)
    {
        var service = await _stack.StartAsync("blocked", "blocked", 0, call);
        await _stack.Output.Saw($"blocking in {call}");

        var (exit, took) = await service.StopAsync();

        Assert.IsType<InstanceExit.Stopped>(exit);
        Assert.InRange(took, TimeSpan.Zero, _bound);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("echo")]
    public async Task Stops_AServerThatPolls(string guest)
    {
        var service = await _stack.StartListeningAsync("server", guest);
        await using var connection = await service.ConnectAsync();

        var (exit, took) = await service.StopAsync();

        Assert.IsType<InstanceExit.Stopped>(exit);
        Assert.InRange(took, TimeSpan.Zero, _bound);
    }
}
