using System.Net;
using System.Net.Sockets;
using Wasmrun.Network;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>One guest of a <see cref="RunningStack"/>.</summary>
internal sealed record RunningService(SandboxInstance Instance, NetworkNamespace Network, int HostPort)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public Uri Url(string path) => new($"http://127.0.0.1:{HostPort}{path}");

    public async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, HostPort);
        return new(socket, ownsSocket: true) { ReadTimeout = (int)_patience.TotalMilliseconds };
    }

    /// <summary>Stops the guest, and tells how long that took by a <see cref="BusyClock"/>.</summary>
    public async Task<(InstanceExit Exit, TimeSpan Took)> StopAsync()
    {
        using var clock = await BusyClock.StartAsync();
        Instance.Stop();
        var exit = await Instance.Completion.WaitAsync(_patience, TimeProvider.System);
        return (exit, clock.Elapsed);
    }
}
