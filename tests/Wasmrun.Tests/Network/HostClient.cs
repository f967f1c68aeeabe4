using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wasmrun.Tests.Network;

/// <summary>A client on the host, outside the stack.</summary>
internal sealed class HostClient : IDisposable
{
    private readonly TcpClient _client = new();

    public static async Task<HostClient> ConnectAsync(int port, IPAddress? address = null)
    {
        var client = new HostClient();
        await client._client.ConnectAsync(address ?? IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        return client;
    }

    public IPEndPoint Local => (IPEndPoint)_client.Client.LocalEndPoint!;

    public async Task SendAsync(string text) =>
        await _client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>What comes next, or nothing at the end.</summary>
    public async Task<string> ReceiveAsync()
    {
        var buffer = new byte[4096];
        var count = await _client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    public void Dispose() => _client.Dispose();
}
