using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>
/// One HTTP connection on a socket and nothing else: what the runner does to a client is seen here and not mended by a library
/// that asks again.
/// </summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _length;

    private RawClient(Socket socket) => _socket = socket;

    /// <summary>Whether the last answer said that it is the last.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Connects on 127.0.0.1.</summary>
    /// <exception cref="SocketException">Refused, among others.</exception>
    public static Task<RawClient> ConnectAsync(int port) => ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), ProtocolType.Tcp);

    /// <summary>Asks a server at a Unix domain socket, which ends the connection after its answer.</summary>
    public static async Task<(int Status, string Body)> PostAsync(string unixSocket, string path, string body)
    {
        using var client = await ConnectAsync(new UnixDomainSocketEndPoint(unixSocket), ProtocolType.Unspecified);
        await client.SendAsync("POST", path, body, "HTTP/1.0", "");
        using var answer = new MemoryStream();
        await using (var stream = new NetworkStream(client._socket))
        {
            await stream.CopyToAsync(answer);
        }

        var text = Encoding.UTF8.GetString(answer.ToArray());
        return (int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
    }

    /// <summary>Asks once.</summary>
    /// <returns>The status and the body.</returns>
    /// <exception cref="SocketException">The connection is reset.</exception>
    /// <exception cref="EndOfStreamException">The connection ends before the answer does.</exception>
    public async Task<(int Status, string Body)> AskAsync(string method, string path, bool close = false)
    {
        await SendAsync(method, path, body: "", "HTTP/1.1", close ? "Connection: close\r\n" : "");
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await ReceiveAsync();
        }

        var head = Encoding.ASCII.GetString(_buffer, 0, end);
        IsLast = head.Contains("Connection: close", StringComparison.OrdinalIgnoreCase);
        var length = Length(head);
        while (_length < end + 4 + length)
        {
            await ReceiveAsync();
        }

        var answer = Encoding.UTF8.GetString(_buffer, end + 4, length);
        _length -= end + 4 + length;
        Buffer.BlockCopy(_buffer, end + 4 + length, _buffer, 0, _length);
        return (int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), answer);
    }

    public void Dispose() => _socket.Dispose();

    [SuppressMessage("Reliability", "CA2000", Justification = "The client owns the socket.")]
    private static async Task<RawClient> ConnectAsync(EndPoint to, ProtocolType protocol)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, protocol);
        try
        {
            await socket.ConnectAsync(to);
            return new(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task SendAsync(string method, string path, string body, string version, string headers)
    {
        var length = Encoding.UTF8.GetByteCount(body);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{method} {path} {version}\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text));
    }

    private static int Length(string head)
    {
        const string name = "Content-Length: ";
        var at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        Assert.True(at > 0, head);
        return int.Parse(head[(at + name.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
    }

    private async Task ReceiveAsync()
    {
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(_length));
        _length += received > 0 ? received : throw new EndOfStreamException("the connection ended before the answer did");
    }
}
